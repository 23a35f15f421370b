import Composites
import Foundation
import Rasters
import Scenes
import Testing

@Suite("Which scenes are put together")
struct CompositeGroupsTests {
  private func grid(
    _ column: Double = 0, _ row: Double = 0, side: Int = 100, pixel: Double = 10, epsg: Int = 32632
  )
    throws -> Grid
  {
    Grid(
      width: side, height: side,
      transform: GeoTransform(
        originX: 600_000 + column * pixel, originY: 5_200_000 - row * pixel, pixelSize: pixel),
      crs: try CRS.epsg(epsg))
  }

  private func candidate(_ name: String, _ day: String, on grid: Grid) throws -> CompositeCandidate {
    CompositeCandidate(
      SceneSource(name: name, path: "/incoming/\(name)", files: []), on: grid, day: try #require(Day(day)))
  }

  @Test(
    "The calendar is parted, and each part has a middle",
    arguments: [
      ("day", "2023-06-14", "2023-06-14", "2023-06-14", "2023-06-14", "2023-06-14"),
      ("month", "2023-06-30", "2023-06", "2023-06-01", "2023-06-30", "2023-06-15"),
      ("month", "2024-02-01", "2024-02", "2024-02-01", "2024-02-29", "2024-02-15"),
      ("month", "2023-12-31", "2023-12", "2023-12-01", "2023-12-31", "2023-12-16"),
      ("year", "2024-12-31", "2024", "2024-01-01", "2024-12-31", "2024-07-01"),
      ("P16D", "2023-01-16", "2023-01-01_P16D", "2023-01-01", "2023-01-16", "2023-01-08"),
      ("P16D", "2023-01-17", "2023-01-17_P16D", "2023-01-17", "2023-02-01", "2023-01-24"),
      ("P16D", "2023-12-31", "2023-12-19_P16D", "2023-12-19", "2023-12-31", "2023-12-25"),
    ])
  func periods(_ text: String, day: String, name: String, first: String, last: String, middle: String) throws
  {
    let part = try #require(CompositePeriod(text)).part(of: try #require(Day(day)))
    #expect(part.name == name && "\(part.first)" == first && "\(part.last)" == last)
    #expect("\(part.middle)" == middle)
  }

  @Test("Other divisions are none", arguments: ["week", "P0D", "P16", "P1M", "P999D", ""])
  func noPeriods(text: String) { #expect(CompositePeriod(text) == nil) }

  @Test("Days are counted as the calendar does", arguments: [-800, -1, 0, 1, 59, 60, 365, 366, 20_000])
  func days(shift: Int) throws {
    let (utc, start) = (try #require(TimeZone(identifier: "UTC")), try #require(Day("2024-02-28")))
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = utc
    let date = try #require(calendar.date(from: DateComponents(year: 2024, month: 2, day: 28 + shift)))
    #expect(start.since1970 + shift == Int(date.timeIntervalSince1970 / 86_400))
    #expect(start.adding(shift).since1970 == start.since1970 + shift)
  }

  @Test(
    "Names of products say which ground they show",
    arguments: [
      ("S2A_MSIL2A_20230604T102601_N0509_R108_T32UPU_20230604T165902.SAFE", "T32UPU"),
      ("HLS.S30.T32UPU.2023165T102601.v2.0", "T32UPU"),
      ("LC08_L2SP_193026_20230614_20230622_02_T1", "193026"),
      ("LE07_L1TP_193026_20110614_20161209_01_T1", "193026"),
    ])
  func named(product: String, ground: String) {
    let scene = SceneSource(name: product, path: "/incoming/\(product)", files: [])
    #expect(scene.ground == ground)
    // The name of a copy says nothing, the product that it lies in does.
    #expect(
      SceneSource(name: "B02", path: "/incoming/\(product)/B02.tif", files: []).ground
        == ground)
  }

  @Test(
    "Names that say none are passed over",
    arguments: ["s1_2024-03-01.tif", "TOTAL_2023.tif", "field_193026_20230614"])
  func unnamed(name: String) {
    #expect(SceneSource(name: name, path: "/incoming/\(name)", files: []).ground == nil)
  }

  @Test("Scenes of one ground and period belong together, by names and by place")
  func grounds() throws {
    let tile = { (day: String) in
      try candidate(
        "S2A_MSIL2A_\(day.filter(\.isNumber))T102601_N0509_R108_T32UPU_x.SAFE", day, on: try grid())
    }
    let scenes = [
      try tile("2023-06-04"), try tile("2023-06-24"), try tile("2023-07-04"),
      try candidate("a_2023-06-04", "2023-06-04", on: try grid(5)),
      try candidate("b_2023-06-05", "2023-06-05", on: try grid(9)),
      try candidate("c_2023-06-05", "2023-06-05", on: try grid(500)),
    ]
    let groups = CompositeGrouping.ground.groups(of: scenes, in: .month)
    #expect(
      groups.map(\.name) == [
        "E600050N5200000_2023-06", "E605000N5200000_2023-06", "T32UPU_2023-06", "T32UPU_2023-07",
      ])
    #expect(groups[0].members.map(\.scene.name) == ["a_2023-06-04", "b_2023-06-05"])
    #expect(groups[2].members.map { "\($0.day)" } == ["2023-06-04", "2023-06-24"])
  }

  @Test("Neighbours of one day belong together as far as they touch")
  func neighbours() throws {
    let scenes = try [(0.0, "a"), (150, "c"), (80, "b"), (900, "d")].map { column, name in
      try candidate("\(name)_2023-06-04", "2023-06-04", on: try grid(column))
    }
    let groups = CompositeGrouping.day.groups(of: scenes, in: .day)
    #expect(groups.map { $0.members.map(\.scene.name.first) } == [["a", "b", "c"], ["d"]])
    #expect(groups.map(\.name) == ["E600000N5200000_2023-06-04", "E609000N5200000_2023-06-04"])
    #expect(CompositeGrouping.all.groups(of: scenes, in: .month).map(\.name) == ["all_2023-06"])
  }

  @Test("Grounds of two zones that begin at the same numbers have products of their own")
  func zones() throws {
    let scenes = try [(32632, "a"), (32633, "b")].map { zone, name in
      try candidate("\(name)_2023-06-04", "2023-06-04", on: try grid(epsg: zone))
    }
    let groups = CompositeGrouping.day.groups(of: scenes, in: .day)
    #expect(groups.map { $0.members.map(\.scene.name.first) } == [["b"], ["a"]])
    #expect(groups.map(\.name) == ["E600000N5200000-2_2023-06-04", "E600000N5200000_2023-06-04"])
  }

  @Test("The grid is that of most scenes, of a mosaic their pixels over all ground")
  func grids() throws {
    let (own, shifted, coarse) = (try grid(), try grid(90, 20), try grid(3.5, pixel: 20))
    #expect(CompositeGrid.common(of: [coarse, own, own]) == own)
    #expect(CompositeGrid.common(of: [coarse, own]) == coarse)
    let mosaic = try #require(try CompositeGrid.mosaic(of: [own, coarse, shifted]))
    #expect(mosaic.transform == own.transform && mosaic.width == 207 && mosaic.height == 200)
    let snapped = try #require(
      try CompositeGrid.covering([try grid(0.5)], crs: nil, resolution: 30))
    #expect(snapped.transform == GeoTransform(originX: 600_000, originY: 5_200_020, pixelSize: 30))
    #expect(snapped.width == 34 && snapped.height == 34)
    let other = try #require(try CompositeGrid.covering([own], crs: try CRS.epsg(32633), resolution: 10))
    #expect(other.crs?.authority == "EPSG:32633" && (100...130).contains(other.width))
    let far = #expect(throws: RasterError.self) { _ = try CompositeGrid.mosaic(of: [own, try grid(50_000)]) }
    #expect(far?.code == .tooLarge)
  }

  @Test("Dates are preferred by clouds, by age or by nearness")
  func orders() throws {
    let days = try ["2023-06-04", "2023-06-14", "2023-06-24"].map { try #require(Day($0)) }
    func order(_ order: CompositeOrder, _ hidden: [Double] = [0.5, 0.1, 0.1]) -> [Int] {
      order.places(of: days, nearestTo: Day("2023-06-19")!, hidden: hidden)
    }
    #expect(order(.leastCloudy) == [1, 2, 0])
    #expect(order(.newest) == [2, 1, 0])
    #expect(order(.nearest) == [1, 2, 0])
  }
}
