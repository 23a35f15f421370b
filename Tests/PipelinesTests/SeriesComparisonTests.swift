import Foundation
import Rasters
import Testing

/// Speckle of four looks over one field, of which a rectangle brightens on the third of five dates.
@Suite("All dates of one ground compared", .startsCommand, .serialized)
struct SeriesComparisonTests {
  private static let side = 96
  private static let changed = (rows: 30..<60, columns: 20..<70)
  private static let days = ["2024-03-01", "2024-03-13", "2024-03-25", "2024-04-06", "2024-04-18"]

  private func write(_ day: Int, epsg: Int = 32632, to site: StagesSite) throws {
    try site.radarScene("incoming/s1_\(Self.days[day]).tif", seed: UInt64(day), epsg: epsg) { row, column in
      if day == 1 && row < 4 { return nil }
      let isChanged = day >= 2 && Self.changed.rows.contains(row) && Self.changed.columns.contains(column)
      return isChanged ? 8 : 1
    }
  }

  private func pipeline(_ site: StagesSite, _ name: String, data: String, _ settings: String) throws {
    try site.radarPipeline(name, data: data, stages: "change-detection: {\(settings)}, geotiff: {}")
  }

  @Test("The date is the one that changed; what stayed is called changed as often as was allowed")
  func dates() throws {
    let site = try StagesSite()
    for day in Self.days.indices { try write(day, epsg: day == 3 ? 25832 : 32632, to: site) }
    try pipeline(
      site, "series", data: "{scenes: incoming, pairing: series}",
      "method: omnibus, looks: 4, false-alarms: 0.01")
    let run = try site.run("series.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let products = "output/series/products/s1_2024-03-01--series"
    let (mask, dates) = (try site.pixels("\(products)/change.tif"), try site.pixels("\(products)/date.tif"))
    var (right, inside, alarms, outside, unseen) = (0, 0, 0, 0, 0)
    for place in mask.indices {
      let (row, column) = (place / Self.side, place % Self.side)
      if mask[place] == 255 {
        unseen += 1
        #expect(dates[place] == 255 && row < 5)
        continue
      }
      if Self.changed.rows.contains(row) && Self.changed.columns.contains(column) {
        inside += 1
        right += dates[place] == 2 ? 1 : 0
      } else {
        outside += 1
        alarms += mask[place] == 1 ? 1 : 0
      }
    }
    #expect(unseen >= 4 * Self.side && Double(right) / Double(inside) > 0.9)
    let share = Double(alarms) / Double(outside)
    #expect(share > 0.004 && share < 0.02, "\(share)")
    let legend = try String(contentsOf: site.url("\(products)/date.qml"), encoding: .utf8)
    #expect(legend.contains("changed by s1_2024-03-25") && !legend.contains("changed by s1_2024-03-01"))
    for name in ["significance.tif", "preview.png", "item.json"] {
      #expect(FileManager.default.fileExists(atPath: site.url("\(products)/\(name)").path), "\(name)")
    }
    #expect(run.output.contains(/changed: [0-9.]+ of [0-9.]+ hectares/), "\(run.output)")
    let summary = try site.json("output/series/runs/latest/summary.json") as? [String: Any]
    let scenes = summary?["scenes"] as? [String: [String: Any]] ?? [:]
    #expect(scenes.count == 5 && scenes.values.allSatisfy { $0["status"] as? String == "done" }, "\(scenes)")
    // Nothing new is nothing to do; a new date is another comparison under the same name.
    let again = try site.run("series.yaml")
    let statuses = try site.statuses("series")
    #expect(again.code == 0 && statuses.allSatisfy { $0.hasSuffix("up-to-date") }, "\(statuses)")
  }

  @Test("A pair is a series of two; the looks are estimated where nobody says them")
  func pair() throws {
    let site = try StagesSite()
    for day in [0, 2] { try write(day, to: site) }
    let pairs = "[{before: incoming/s1_2024-03-01.tif, after: incoming/s1_2024-03-25.tif}]"
    try pipeline(site, "pair", data: "{pairs: \(pairs)}", "method: omnibus, minimum-mapping-unit: 9")
    let run = try site.run("pair.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let mask = try site.pixels("output/pair/products/s1_2024-03-01--s1_2024-03-25/change.tif")
    let inside = mask.indices.filter {
      Self.changed.rows.contains($0 / Self.side) && Self.changed.columns.contains($0 % Self.side)
    }
    #expect(Double(inside.count { mask[$0] == 1 }) / Double(inside.count) > 0.75)
    let summary = try site.json("output/pair/runs/latest/summary.json") as? [String: Any]
    let task = ((summary?["stages"] as? [[String: Any]])?.first?["tasks"] as? [[String: Any]])?.first
    let looks = try #require(SummaryFindings(of: task ?? [:]).number("looks"))
    #expect(abs(looks - 4) < 1, "\(looks)")
  }

  @Test(
    "What does not go together is said",
    arguments: [
      (
        "{scenes: incoming, pairing: series}", "method: log-ratio",
        "'pairing: series' is for 'method: omnibus'"
      ),
      (
        "{scenes: incoming, pairing: series}", "method: omnibus, threshold: otsu",
        "'threshold' does not count for 'method: omnibus'"
      ),
    ])
  func refused(data: String, settings: String, message: String) throws {
    let site = try StagesSite()
    try pipeline(site, "wrong", data: data, settings)
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.contains(message), "\(said.errors)")
  }
}
