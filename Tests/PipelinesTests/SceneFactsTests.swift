import Chips
import Foundation
import Pipelines
import Rasters
import Scenes
import Testing

@Suite("What scenes are paired by")
struct SceneFactsTests {
  private let grid = Grid(
    width: 10, height: 10, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
    crs: try? CRS.epsg(32632))

  @Test("The day in the name wins, then metadata says it; when a file was written says nothing")
  func day() {
    func day(_ name: String, _ metadata: [String: String]) -> String? {
      SceneFacts(Acquisition(name: name, metadata: metadata), grid: nil).day?.description
    }
    #expect(day("s2_2023-09-02", ["DATE_ACQUIRED": "2020-01-01"]) == "2023-09-02")
    #expect(day("north", ["DATE_ACQUIRED": "2020-01-01"]) == "2020-01-01")
    #expect(day("north", ["SENSING_TIME": "2020-01-31T10:20:30.123Z"]) == "2020-01-31")
    #expect(day("north", ["ACQUISITION_DATE": "soon"]) == nil)
    #expect(day("north", ["TIFFTAG_DATETIME": "2020:01:01 10:00:00"]) == nil)
  }

  @Test("Pairs and series follow the days of metadata; a scene without one is in none")
  func pairs() {
    let days = ["c": "2023-01-01", "a": "2023-02-01", "b": "2023-03-01"]
    let scenes = ["a", "b", "c", "undated"].map {
      SceneSource(name: $0, path: "/\($0)", files: [])
    }
    func about(_ scene: SceneSource) -> SceneFacts {
      SceneFacts(
        Acquisition(name: scene.name, metadata: days[scene.name].map { ["DATE_ACQUIRED": $0] } ?? [:]),
        grid: grid)
    }
    let pairs = PairsByDate(among: scenes, about: about).pairs
    #expect(pairs.map { [$0.before.path, $0.after.path] } == [["/c", "/a"], ["/a", "/b"]])
    #expect(SeriesByDate(among: scenes, about: about).series.map { $0.map(\.path) } == [["/c", "/a", "/b"]])
  }
}
