import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("The files behind a path")
struct InputFilesTests {
  let scratch = Scratch()

  @Test("The parts of a shapefile count, its neighbours do not")
  func shapefile() throws {
    for name in ["a.shp", "a.dbf", "a.PRJ", "a.shx", "a.sbn", "b.dbf"] {
      try Data().write(to: URL(fileURLWithPath: scratch.file(name)))
    }
    #expect(
      try InputFiles.behind(scratch.file("a.shp")).map { URL(fileURLWithPath: $0).lastPathComponent } == [
        "a.shp", "a.PRJ", "a.dbf", "a.shx",
      ])
    #expect(try InputFiles.behind(scratch.file("a.dbf")) == [scratch.file("a.dbf")])
  }

  @Test("A mask counts with its raster")
  func mask() throws {
    for name in ["a.tif", "a.tif.msk", "b.tif"] {
      try Data().write(to: URL(fileURLWithPath: scratch.file(name)))
    }
    #expect(
      try InputFiles.behind(scratch.file("a.tif")) == [scratch.file("a.tif"), scratch.file("a.tif.msk")])
    #expect(try InputFiles.behind(scratch.file("b.tif")) == [scratch.file("b.tif")])
  }

  @Test("The metadata of a product folder goes with its bands")
  func product() throws {
    let folder = scratch.file("S2A.SAFE")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = try scratch.raster(
      "S2A.SAFE/B02.tif", grid: utmGrid(2, 2), bands: [[UInt16(1), 2, 3, 4]],
      options: .init(type: .uint16, bandNames: ["B02"]))
    #expect(try SceneSource(path: folder).companions.isEmpty)
    try Data("<n1/>".utf8).write(to: URL(fileURLWithPath: folder + "/MTD_MSIL2A.xml"))
    #expect(try SceneSource(path: folder).companions == [folder + "/MTD_MSIL2A.xml"])
  }
}
