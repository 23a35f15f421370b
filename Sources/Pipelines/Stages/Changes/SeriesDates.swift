import ChangeDetection
import Foundation
import Host
import Rasters
import Runs

/// The dates of a series, for the legend of its product.
struct SeriesDates: Codable {
  let names: [String]

  private static let file = "dates.json"

  func write(to directory: URL) throws {
    try RegularFile.write(JSONEncoder().encode(self), to: directory.appendingPathComponent(Self.file).path)
  }

  init(names: [String]) { self.names = names }

  init(of task: TaskOutput, _ context: TaskContext) throws {
    self = try JSONDecoder().decode(
      SeriesDates.self, from: RegularFile.contents(of: context.file(named: Self.file, of: task).path))
  }

  /// The scene that shows the change first, from early (blue) to late (yellow).
  var legend: Legend {
    let unchanged = Legend.Entry(
      value: 0, name: "no change", color: Color(red: 0xd9, green: 0xd9, blue: 0xd9))
    let entries = (1..<names.count).map { index in
      let share = Double(index - 1) / Double(max(1, names.count - 2))
      func level(_ early: Double, _ late: Double) -> UInt8 { UInt8(early + share * (late - early)) }
      return Legend.Entry(
        value: UInt8(index), name: "changed by \(names[index])",
        color: Color(red: level(0x30, 0xfd), green: level(0x3f, 0xe0), blue: level(0x9f, 0x3f)))
    }
    return Legend(entries: [unchanged] + entries, noData: PostClassification.Mask.notObserved.rawValue)
  }
}
