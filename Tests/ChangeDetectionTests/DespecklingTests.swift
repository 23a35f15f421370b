import ChangeDetection
import Foundation
import NumericOracles
import Tensors
import Testing

@Suite("Despeckling")
struct DespecklingTests {
  /// A filter and its name.
  struct Filter: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (any PlaneSource) -> any PlaneSource
    /// The share of the variance that may be left in uniform ground of 4 looks.
    let left: Double
  }

  static let filters = [
    Filter(testDescription: "boxcar", make: { WindowMean($0, radius: 3) }, left: 0.03),
    Filter(testDescription: "Lee", make: { SpeckleFilter.lee.filtered($0, looks: 4) }, left: 0.2),
    Filter(testDescription: "refined Lee", make: { RefinedLeeFilter($0, looks: 4) }, left: 0.3),
    Filter(testDescription: "Frost", make: { FrostFilter($0) }, left: 0.2),
    Filter(testDescription: "gamma-MAP", make: { SpeckleFilter.gammaMAP.filtered($0, looks: 4) }, left: 0.2),
    Filter(testDescription: "multitemporal, alone", make: { MultitemporalFilter([$0], date: 0) }, left: 1.01),
    Filter(testDescription: "non-local means", make: { NonLocalMeans($0, noise: 0.5) }, left: 0.1),
  ]

  @Test("Uniform ground keeps its mean and loses speckle", arguments: filters)
  func uniform(filter: Filter) throws {
    let plane = speckle(width: 120, height: 90, looks: 4, seed: 1)
    let result = try filter.make(PlaneInMemory(plane)).read(rows: 0..<90)
    func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      return (
        mean, values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
      )
    }
    let (before, after) = (moments(plane.values), moments(result.values))
    #expect(abs(after.mean - before.mean) < 0.05, "\(after.mean) of \(before.mean)")
    #expect(after.variance < filter.left * before.variance, "\(after.variance) of \(before.variance)")
  }

  @Test("Rows one by one are the rows of the whole, and what was not observed stays so", arguments: filters)
  func strips(filter: Filter) throws {
    var plane = speckle(width: 33, height: 29, looks: 2, seed: 2) { row, column in row > column ? 5 : 1 }
    for index in [0, 40, 41, 74, 500, 956] { plane.values[index] = .nan }
    let source = filter.make(PlaneInMemory(plane))
    let whole = try source.read(rows: 0..<29).values
    #expect(try inRows(source).map(\.bitPattern) == whole.map(\.bitPattern))
    #expect(zip(whole, plane.values).allSatisfy { $0.isNaN == $1.isNaN })
  }

  @Test(
    "An edge between dark and bright ground stays an edge",
    arguments: filters.filter { $0.testDescription != "boxcar" })
  func edge(filter: Filter) throws {
    let plane = speckle(width: 60, height: 60, looks: 50, seed: 3) { _, column in column < 30 ? 1 : 20 }
    // Noise of 50 looks on the bright side; what smooths everything would put 10 beside the edge.
    let source: any PlaneSource =
      filter.testDescription == "non-local means"
      ? NonLocalMeans(PlaneInMemory(plane), noise: 2) : filter.make(PlaneInMemory(plane))
    let result = try source.read(rows: 20..<40)
    let beside = (0..<20).map { Double(result.values[$0 * 60 + 29]) }.reduce(0, +) / 20
    #expect(beside < 5, "\(beside) beside the edge")
  }

  @Test("Several dates take speckle from each other and keep their own means")
  func multitemporal() throws {
    let dates = (0..<8).map { date in
      PlaneInMemory(
        speckle(width: 80, height: 80, looks: 4, seed: UInt64(10 + date)) { _, _ in Double(date + 1) })
    }
    let result = try MultitemporalFilter(dates, date: 5).read(rows: 0..<80).values
    let mean = result.reduce(0) { $0 + Double($1) } / 6400
    let variance = result.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 6400
    #expect(abs(mean - 6) < 0.1)
    // An eighth of the speckle, and a little of the windows'.
    #expect(variance / 36 < 1.5 / 32, "\(variance / 36)")
  }

  @Test("Looks are found beside edges, to a tenth", arguments: [1.0, 4.4, 12])
  func looks(looks: Double) throws {
    let plane = speckle(width: 256, height: 256, looks: looks, seed: 4) { row, column in
      (row / 40 + column / 50) % 2 == 0 ? 1 : 6
    }
    let found = try #require(try equivalentLooks(of: PlaneInMemory(plane)))
    #expect(abs(found / looks - 1) < 0.1, "\(found)")
  }
}
