import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("When a scene was taken")
struct AcquisitionTests {
  @Test("Days are read from ISO 8601 and ordered")
  func reading() {
    let days = ["2021-06-14", "2020-02-29", "2021-06-02", "0999-12-31"].compactMap { Day($0) }
    #expect(days.sorted().map(\.description) == ["0999-12-31", "2020-02-29", "2021-06-02", "2021-06-14"])
  }

  @Test(
    "Anything else is none",
    arguments: [
      "2021-6-14", "2021-02-29", "1900-02-29", "2021-13-01", "2021-00-10", "2021-04-31", "20210614", "",
      "2021-06-14T10:00", "2021-+6-14", "-021-06-14", "٢٠٢١-06-14",
    ])
  func refused(text: String) { #expect(Day(text) == nil) }

  @Test(
    "A day is found in a name",
    arguments: [
      ("s2_2023-06-14.tif", "2023-06-14"), ("S2A_MSIL2A_20240906T101031_N0511.SAFE", "2024-09-06"),
      ("20210501.tif", "2021-05-01"), ("scene-2023-06-14", "2023-06-14"), ("T32TQM-20230614", "2023-06-14"),
      ("a-20230614-b", "2023-06-14"), ("s2_2023_06_14", "2023-06-14"), ("s2.2023.06.14.tif", "2023-06-14"),
      ("T36NXF-20230601-u1", "2023-06-01"),
      ("SENTINEL2A_20230601-080611-123_L2A_T36NXF_C_V2-2", "2023-06-01"),
      ("s1a-iw-grd-vv-20230601t054321-20230602t054346-035959-043620-001", "2023-06-01"),
      ("S1A_IW_GRDH_1SDV_20230614T170654_20230614T170719_048922_05E2A1_1B2C", "2023-06-14"),
      ("S2A_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230615T160000", "2023-06-14"),
      ("S2A_OPER_PRD_MSIL1C_PDMC_20160605T123456_R022_V20160603T101031_20160603T101031", "2016-06-03"),
      ("LC08_L2SP_169060_20230614_20230620_02_T1", "2023-06-14"), ("LT51690601988227KHC01", "1988-08-14"),
      ("LT51690541987152XXX01.tif", "1987-06-01"), ("LC81690602016060LGN00_B4", "2016-02-29"),
      ("HLS.S30.T36NXF.2023152T080611.v2.0", "2023-06-01"),
      ("MOD09A1.A2023153.h21v08.061.2023161041532", "2023-06-02"),
      ("MOD09A1.A2024366.h21v08", "2024-12-31"), ("ndvi_2023152", "2023-06-01"),
      ("ndvi-2023-152", "2023-06-01"), ("ndvi_2023_152", "2023-06-01"), ("s3_202306010000", "2023-06-01"),
      ("HLSS30.020_B04_doy2023152080611_aid0001_36N", "2023-06-01"),
      ("MOD13Q1.061_NDVI_doy2023145_aid0001", "2023-05-25"),
      ("20230614_101031_55_2461_3B_AnalyticMS", "2023-06-14"), ("3164706_2023-06-14_RE1_3A", "2023-06-14"),
      ("1969060_2023-06-14_RE1_3A", "2023-06-14"), ("DIM_PHR1A_MS_202306141010312_ORT", "2023-06-14"),
      ("AST_L1T_00306142005101031_20150501", "2005-06-14"), ("2023-06-14_2024-01-01", "2023-06-14"),
      ("orbit20230101_2024-05-06", "2024-05-06"), ("path_2020-13-45_2020-12-05", "2020-12-05"),
      ("orbit_20230101_2024-05-06", "2024-05-06"), ("row-20230101_Path.20230202_2024127", "2023-01-01"),
      ("orbit_20230614", "2023-06-14"), ("id_20230614_2024-05-06", "2023-06-14"),
    ])
  func found(name: String, day: String) { #expect(Acquisition(name: name)?.day.description == day) }

  @Test(
    "Numbers that are no day are none",
    arguments: [
      "scene-12345678.tif", "2023-13-01.tif", "west.tif", "T36NXF", "169060", "20230230", "2023-02-30",
      "120230614", "202306145", "MOD09A1.A2023366", "tile2023152x", "orbit20230614", "1234-05-06",
      "2023_06-14", "ndvi_2023١٥٢", "MOD09A1.A2023١٥٣.h21v08", "LT5169060198822٧", "x_doy2023١٥٢",
    ])
  func none(name: String) { #expect(Acquisition(name: name) == nil) }

  @Test("The day in the name wins, then metadata says it, then the metadata file of a product's directory")
  func fallbacks() throws {
    #expect(
      Acquisition(name: "north", metadata: ["SENSING_TIME": "2020-01-31T10:20:30Z"])?.day.description
        == "2020-01-31")
    #expect(Acquisition(name: "north", metadata: ["TIFFTAG_DATETIME": "2020:01:01 10:00:00"]) == nil)
    let scratch = Scratch()
    let directory = try scratch.directory("product")
    try scratch.raster(
      "product/B4.tif", grid: utmGrid(1, 1), bands: [[UInt8(1)]],
      options: .init(type: .byte, bandNames: ["B4"]))
    func found() throws -> SceneSource { try SceneSource(path: directory) }
    #expect(try found().acquisition == nil)
    try scratch.write("GROUP = X\n    DATE_ACQUIRED = 2023-06-14\nEND", to: "product/product_MTL.txt")
    #expect(try found().acquisition?.day.description == "2023-06-14")
    #expect(try found().companions == [directory + "/product_MTL.txt"])
    let outside = try scratch.write("DATE_ACQUIRED = 2023-06-14", to: "outside.txt")
    try FileManager.default.removeItem(atPath: directory + "/product_MTL.txt")
    try FileManager.default.createSymbolicLink(
      atPath: directory + "/product_MTL.txt", withDestinationPath: outside)
    #expect(try found().acquisition == nil && found().companions.isEmpty)
  }
}

@Suite("Names of scenes")
struct SceneNamesTests {
  private func names(_ paths: String...) -> [String] {
    SceneNames.apart(
      paths.map { path in
        (
          URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, path,
          !path.hasSuffix(".tif") && !path.hasSuffix(".jp2") && !path.hasSuffix(".TIF")
        )
      })
  }

  @Test("Scenes of one name are told apart by the nearest parents that differ, by their kind, in any order")
  func apart() {
    #expect(names("/a/2023/tile.tif", "/a/2024/tile.tif") == ["2023-tile", "2024-tile"])
    #expect(
      names("/a/2024/tile.tif", "/a/2025/tile.tif", "/a/2023/tile.tif") == [
        "2024-tile", "2025-tile", "2023-tile",
      ])
    #expect(names("/a/2023/img/tile.tif", "/a/2024/img/tile.tif") == ["2023-img-tile", "2024-img-tile"])
    #expect(
      names("/x/2023/tile.tif", "/y/2023/tile.tif", "/x/2024/tile.tif") == [
        "x-2023-tile", "y-2023-tile", "2024-tile",
      ])
    #expect(names("/a/tile.tif", "/a/tile.jp2", "/a/tile") == ["tile-tif", "tile-jp2", "tile-directory"])
    #expect(names("/a/one.tif", "/a/two.tif") == ["one", "two"])
    let cased = names("/home/me/A/p/tile.tif", "/home/me/a/p/tile.tif")
    #expect(cased.allSatisfy { $0.hasPrefix("p-tile-") } && Set(cased).count == 2)
  }

  @Test("Names are unique without regard to case, and those of others stay when a scene comes")
  func unique() {
    for paths in [
      ["/a/tile.tif", "/a/Tile.TIF", "/a/tile.jp2"], ["/a/tile.tif", "/b/tile.tif", "/c/a-tile.tif"],
      // The first digests of these two are the same.
      ["/a/AbcDefGHijKLmnop.tif", "/a/abCdEfGhijKLMnop.tif"],
    ] {
      let all = SceneNames.apart(
        paths.map { (URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent, $0, false) })
      #expect(Set(all.map { $0.lowercased() }).count == paths.count)
      let turned = SceneNames.apart(
        paths.reversed().map {
          (URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent, $0, false)
        })
      #expect(turned == all.reversed())
    }
    #expect(names("/a/tile.tif", "/b/tile.tif", "/c/a-tile.tif")[2] == "a-tile")
  }
}
