import Foundation
import Rasters
import Testing

@Suite("The stage despeckle", .startsCommand, .serialized)
struct DespeckleStageTests {
  private static let (side, border) = (96, 48)
  private static let days = ["2024-03-01", "2024-03-13", "2024-03-25", "2024-04-06"]

  /// Four looks over two fields, the right one four times as bright.
  private func write(_ day: Int, to site: StagesSite) throws {
    try site.radarScene("incoming/s1_\(Self.days[day]).tif", seed: UInt64(day)) { row, column in
      row == 0 ? nil : column < Self.border ? 1 : 4
    }
  }

  private func pipeline(_ site: StagesSite, _ name: String, data: String, _ settings: String) throws {
    try site.radarPipeline(name, data: data, stages: "despeckle: {\(settings)}")
  }

  @Test(
    "Speckle goes, the fields keep their power and what is not valid stays so",
    arguments: ["boxcar", "lee", "refined-lee", "frost", "gamma-map", "multitemporal"])
  func filters(filter: String) throws {
    let site = try StagesSite()
    let isSeries = filter == "multitemporal"
    for day in isSeries ? Self.days.indices : 0..<1 { try write(day, to: site) }
    try pipeline(
      site, "filtered", data: "{scenes: incoming\(isSeries ? ", pairing: series" : "")}", "filter: \(filter)")
    let run = try site.run("filtered.yaml")
    try #require(run.code == 0, "\(run.errors)")
    func band(_ path: String) throws -> [Double] {
      let file = try RasterFile(path: site.url(path).path)
      #expect(file.bands.map(\.description) == ["VV", "VH"])
      let values: [Float] = try file.readValues(file.grid.bounds, band: 2)
      return values.map { pow(10, Double($0) / 10) }
    }
    let (plain, filtered) = (
      try band("incoming/s1_2024-03-01.tif"),
      try band("output/filtered/products/s1_2024-03-01/despeckled.tif")
    )
    #expect(
      filtered.prefix(Self.side).allSatisfy(\.isNaN)
        && !filtered.dropFirst(Self.side).contains(where: \.isNaN))
    for columns in [4..<Self.border - 8, Self.border + 8..<Self.side - 4] {
      func figures(_ values: [Double]) -> (mean: Double, looks: Double) {
        let field = values.indices.filter { columns.contains($0 % Self.side) && $0 / Self.side > 4 }.map {
          values[$0]
        }
        let mean = field.reduce(0, +) / Double(field.count)
        let variance = field.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(field.count)
        return (mean, mean * mean / variance)
      }
      let (before, after) = (figures(plain), figures(filtered))
      #expect(abs(after.mean / before.mean - 1) < 0.03, "\(filter): \(before) became \(after)")
      #expect(after.looks > 2.5 * before.looks, "\(filter): \(before) became \(after)")
    }
    let product = site.url("output/filtered/products/s1_2024-03-01/despeckled.tif").path
    #expect(
      try RasterFile(path: product).metadata["TERRANE_SCENE_SHA256"]?.split(separator: " ").map(\.count)
        == Array(repeating: 64, count: isSeries ? 4 : 1))
    let style = try String(
      contentsOf: site.url("output/filtered/products/s1_2024-03-01/despeckled.qml"), encoding: .utf8)
    #expect(style.contains("singlebandpseudocolor") && style.contains("#ffffff"))
    let summary = try String(
      contentsOf: site.url("output/filtered/runs/latest/summary.json"), encoding: .utf8)
    #expect(summary.contains("\"looks-afterwards\""))
    let item = try #require(
      try site.json("output/filtered/products/s1_2024-03-01/despeckled.json") as? [String: Any])
    let properties = try #require(item["properties"] as? [String: Any])
    #expect(item["id"] as? String == "s1_2024-03-01-despeckled")
    // Of a series as well the product shows one date.
    #expect(properties["datetime"] as? String == "2024-03-01T00:00:00Z")
    #expect((properties["terrane:scenes"] as? [String])?.count == (isSeries ? 4 : 1))
    // What came out is a scene like another, its directory with the style and the item as well.
    for (name, scene) in [("again", "/despeckled.tif"), ("whole", "")] {
      try pipeline(
        site, name, data: "{scenes: output/filtered/products/s1_2024-03-01\(scene)}", "filter: boxcar")
      let again = try site.run("\(name).yaml")
      #expect(again.code == 0, "\(again.errors)")
    }
  }

  @Test(
    "What does not go together is said",
    arguments: [
      ("filter: multitemporal", "'filter: multitemporal' needs several dates of one ground"),
      ("filter: frost, looks: 4", "'looks' counts for 'filter: lee', 'refined-lee' or 'gamma-map' only"),
    ])
  func refused(settings: String, message: String) throws {
    let site = try StagesSite()
    try pipeline(site, "wrong", data: "{scenes: incoming}", settings)
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.contains(message), "\(said.errors)")
  }
}
