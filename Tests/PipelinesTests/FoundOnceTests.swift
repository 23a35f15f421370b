import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Testing

@Suite("A scene is found once")
struct FoundOnceTests {
  @Test(
    "From the roster to the keys of a plan each scene is opened by a reader once",
    arguments: ["", ", pairing: by-date", ", pairing: series"])
  func once(pairing: String) throws {
    let site = try Site()
    site.stages = "[train: {}, map: {}, compare: {}]"
    site.data = pairing
    let names = (1...5).map { "north_2023-06-0\($0)" }
    for name in names {
      // No standard reader takes a directory without rasters: who looks for the scene again is refused.
      try FileManager.default.createDirectory(
        at: site.directory.appendingPathComponent("incoming/\(name)"), withIntermediateDirectories: true)
      try site.write("incoming/\(name)/band.txt", name)
    }
    let reader = TextReader()
    var pipeline = try site.pipeline()
    let grid = Grid(
      width: 4, height: 4, transform: GeoTransform(originX: 0, originY: 0, pixelSize: 10),
      crs: try CRS.epsg(32632))
    let roster = try SceneRoster(
      for: pipeline, search: SceneSearch([reader]), about: { SceneFacts($0.acquisition, grid: grid) })
    (pipeline.file.data.pairs, pipeline.file.data.series) = (roster.pairs, roster.series)
    let plan = try Plan(
      pipeline, scenes: roster.ready, versions: [:], hashes: ContentHashes(store: nil, kinds: .rasters))
    #expect(plan.jobs.filter { $0.stage == "map" }.map(\.subject) == names)
    #expect(plan.jobs.allSatisfy { $0.refusal == nil })
    #expect(roster.recorded.map(\.name) == names)
    #expect(reader.opened == Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
  }
}
