import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Finding scenes")
struct SceneSearchTests {
  let scratch = Scratch()

  private func raster(_ name: String, _ grid: Grid = utmGrid(4, 4), value: UInt16 = 1100) throws {
    try scratch.raster(
      name, grid: grid, bands: [[UInt16](repeating: value, count: grid.bounds.pixelCount)],
      options: .init(type: .uint16, bandNames: [""]))
  }

  private func coarse(_ side: Int, metres: Double) -> Grid {
    Grid(
      width: side, height: side,
      transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: metres),
      crs: utm)
  }

  @Test("A scene is the same however its path is spelt, and another one than its neighbour")
  func identity() throws {
    _ = try scratch.directory("in/scene")
    try raster("in/scene/B02.tif")
    try raster("in/other.tif")
    let identities = try ["in/scene", "in/scene/", "in/./scene", "in/scene/../scene"].map {
      try SceneSource(path: scratch.path + "/" + $0).identity
    }
    #expect(Set(identities).count == 1)
    let all = try SceneSearch().scenes(in: scratch.file("in"))
    #expect(all.map(\.name) == ["other", "scene"] && all[1].identity == identities[0])
    #expect(all[0].identity != all[1].identity)
    #expect(all[1].named("new").identity == identities[0])
  }

  @Test("The files of a Sentinel-2 product tell their bands and sizes; its coarser copies are not opened")
  func sentinel2() throws {
    let folder = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE"
    let images = folder + "/GRANULE/L2A_T32TQM/IMG_DATA"
    _ = try scratch.directory(images + "/R10m")
    _ = try scratch.directory(images + "/R20m")
    try raster(images + "/R10m/T32TQM_20230614T101031_B02_10m.tif", value: 1200)
    try raster(images + "/R20m/T32TQM_20230614T101031_SCL_20m.tif", coarse(2, metres: 20))
    try scratch.write("no raster", to: images + "/R20m/T32TQM_20230614T101031_B02_20m.tif")
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: folder + "/MTD_MSIL2A.xml")
    let source = try SceneSource(path: scratch.file(folder))
    #expect(source.name + ".SAFE" == folder && source.acquisition?.day.description == "2023-06-14")
    #expect(source.bands.map(\.name) == ["B02", "B02", "SCL"])
    #expect(source.bands.map(\.metres) == [10, 20, 20] && source.bands.map(\.file) == source.files)
    #expect(source.metadata?.files.first == source.path + "/MTD_MSIL2A.xml")
    let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["blue"])
    #expect(scene.grid.isSame(as: utmGrid(4, 4)))
    let values = try scene.read(scene.grid.bounds).values
    #expect(values.allSatisfy { abs($0 - 0.02) < 1e-6 })
    // Another sensor takes the numbers as they are.
    let offsets = try #require(source.metadata)
    let stated = try #require(try offsets.statedBands(for: .sentinel2L2A)["B2"]?.scaling)
    #expect(stated.scale == 1e-4 && abs(stated.offset + 0.1) < 1e-12)
    #expect(try offsets.statedBands(for: .landsat8L2).isEmpty)
  }

  @Test("A directory or an image inside a Sentinel-2 product has the product's offset and its level")
  func insideOfProduct() throws {
    let folder = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE"
    let images = folder + "/GRANULE/L2A_T32TQM/IMG_DATA"
    _ = try scratch.directory(images + "/R10m")
    let image = images + "/R10m/T32TQM_20230614T101031_B02_10m.tif"
    try raster(image, value: 1200)
    let paths = [folder, folder + "/GRANULE", images, images + "/R10m", image]
    // Without the metadata the offset is not known, and its numbers are not read by guess.
    for path in paths {
      let source = try SceneSource(path: scratch.file(path))
      let refusal = #expect(throws: RasterError.self) {
        try Scene(source, sensor: .sentinel2L2A, bands: ["B02"], bandOrder: ["B02"])
      }
      #expect(refusal?.description.contains("baseline 05.09 carry an offset") == true)
    }
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: folder + "/MTD_MSIL2A.xml")
    for path in paths {
      let source = try SceneSource(path: scratch.file(path))
      #expect(source.product?.sensors == ["sentinel-2-l2a"])
      #expect(source.metadata?.files.first?.hasSuffix(".SAFE/MTD_MSIL2A.xml") == true)
      let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["blue"])
      let values = try scene.read(scene.grid.bounds).values
      #expect(values.allSatisfy { abs($0 - 0.02) < 1e-6 })
      #expect(throws: RasterError.self) {
        try Scene(source, sensor: .sentinel2L1C, bands: ["B02"])
      }
    }
  }

  @Test("A Landsat product brings its metadata file; a directory of bands brings none")
  func landsat() throws {
    for folder in ["LC08_L2SP_x", "plain"] {
      _ = try scratch.directory(folder)
      for band in ["SR_B2", "SR_B3"] { try raster("\(folder)/x_\(band).tif") }
    }
    try scratch.write("DATE_ACQUIRED = 2021-08-01", to: "LC08_L2SP_x/LC08_L2SP_x_MTL.txt")
    let landsat = try SceneSource(path: scratch.file("LC08_L2SP_x"))
    #expect(try landsat.contentFiles.count == 3 && landsat.contentFiles.last?.hasSuffix("_MTL.txt") == true)
    #expect(landsat.delivery?.day?.description == "2021-08-01")
    let plain = try SceneSource(path: scratch.file("plain"))
    #expect(try plain.metadata == nil && plain.bands.isEmpty && plain.contentFiles == plain.files)
    #expect(throws: Never.self) { try Scene(plain, sensor: .landsat8L2, bands: ["B2"]) }
  }

  @Test("What was found out of a scene stays with its copies; under another name it is found anew")
  func found() throws {
    _ = try scratch.directory("north")
    try raster("north/B2.tif")
    let metadata = try scratch.write("DATE_ACQUIRED = 2021-08-01", to: "north/north_MTL.txt")
    let source = try SceneSource(path: scratch.file("north"))
    let copy = source
    #expect(source.acquisition?.day.description == "2021-08-01" && source.grid?.width == 4)
    try FileManager.default.removeItem(atPath: metadata)
    #expect(copy.acquisition?.day.description == "2021-08-01")
    #expect(source.named("other").acquisition == nil)
    #expect(source.named("s_2020-01-02").acquisition?.day.description == "2020-01-02")
  }

  /// Takes files of an unheard-of kind for scenes.
  private struct OddFiles: ProductReader {
    func recognises(_ place: SceneListing) -> Bool { place.name.hasSuffix(".odd") }

    func open(_ place: SceneListing) -> [SceneSource]? {
      [SceneSource(name: "odd", path: place.path, files: [place.path])]
    }
  }

  @Test("A reader before the others adds a form of delivery; what none recognises is passed over or refused")
  func readers() throws {
    _ = try scratch.directory("in/empty")
    try scratch.write("x", to: "in/a.odd")
    try scratch.write("x", to: "in/notes.txt")
    try raster("in/b.tif")
    #expect(try SceneSearch().scenes(in: scratch.file("in")).map(\.name) == ["b"])
    let search = SceneSearch([OddFiles()] + SceneSearch.readers)
    #expect(try search.scenes(in: scratch.file("in")).map(\.name) == ["b", "odd"])
    #expect(try search.scene(at: scratch.file("in/a.odd")).name == "odd")
    let alone = SceneSearch([OddFiles()])
    let file = #expect(throws: RasterError.self) { try alone.scene(at: scratch.file("in/b.tif")) }
    #expect(file?.code == .unreadable && file?.description.hasSuffix("no scene that is known") == true)
    let empty = alone.sceneOrRefusal(at: scratch.file("in/empty"))
    #expect(empty.refusal?.description.hasSuffix("no raster file in the directory") == true)
    #expect(empty.name == "empty" && empty.acquisition == nil)
  }
}
