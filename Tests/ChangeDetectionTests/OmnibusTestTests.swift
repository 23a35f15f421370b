import ChangeDetection
import Foundation
import Tensors
import Testing

@Suite("Omnibus test of a series")
struct OmnibusTestTests {
  /// Planes `[C][k]` of speckle; after a date of change the first channel is brighter.
  private func series(
    looks: Double, dates: Int, channels: Int, side: Int, seed: UInt64,
    change: (date: Int, factor: Double)? = nil
  ) -> [[any PlaneSource]] {
    (0..<channels).map { channel in
      (0..<dates).map { date in
        let factor = change.map { channel == 0 && date >= $0.date ? $0.factor : 1 } ?? 1
        return PlaneInMemory(
          speckle(
            width: side, height: side, looks: looks, seed: seed &+ UInt64(channel * 100 + date),
            mean: { _, _ in factor * Double(channel + 1) }))
      }
    }
  }

  @Test(
    "False alarms on what did not change are 5 % +- 0.5 %, and 1 % +- 0.2 %",
    arguments: [(4.4, 2, 2), (4.4, 6, 2), (5, 4, 1), (12, 10, 2), (2, 3, 1)])
  func falseAlarms(looks: Double, dates: Int, channels: Int) throws {
    let side = 300
    let planes = series(looks: looks, dates: dates, channels: channels, side: side, seed: 5)
    let result = try ChangeDates(planes, looks: looks).read(rows: 0..<side)
    func share(_ level: Float) -> Double {
      Double(result.significance.values.count { $0 < level }) / Double(side * side)
    }
    #expect(abs(share(0.05) - 0.05) < 0.005, "\(share(0.05))")
    #expect(abs(share(0.01) - 0.01) < 0.002, "\(share(0.01))")
    #expect(Double(result.date.values.count { $0 != 0 }) / Double(side * side) == share(0.01))
  }

  @Test("The date of a change is found", arguments: [1, 3, 5])
  func date(change: Int) throws {
    let planes = series(looks: 12, dates: 6, channels: 2, side: 60, seed: 6, change: (change, 10))
    let result = try ChangeDates(planes, looks: 12).read(rows: 0..<60)
    let found = result.date.values
    #expect(Double(found.count { $0 == Float(change) }) / 3600 > 0.9)
  }

  @Test("What a date did not observe, or has no intensity, is not known")
  func unobserved() throws {
    var gap = Plane(width: 4, values: [1, 1, 1, 1])
    gap.values[1] = .nan
    gap.values[2] = 0
    let full = PlaneInMemory(Plane(width: 4, values: [1, 1, 1, 100]))
    let result = try ChangeDates([[full, PlaneInMemory(gap)]], looks: 10).read(rows: 0..<1)
    #expect(result.date.values[0] == 0 && result.date.values[1].isNaN && result.date.values[2].isNaN)
    #expect(result.date.values[3] == 1 && result.significance.values[3] < 1e-6)
  }
}
