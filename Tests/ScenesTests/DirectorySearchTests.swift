import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Searching a directory of deliveries")
struct DirectorySearchTests {
  private let scratch = Scratch()
  private let product = "S2A_MSIL2A_20230614T102601_N0509_R108_T32UPU_20230614T165902.SAFE"

  private func write(_ path: String, _ text: String = "x") throws {
    _ = try scratch.directory(String(path[..<path.lastIndex(of: "/")!]))
    try scratch.write(text, to: path)
  }

  private func putProduct(in directory: String) throws {
    try write("\(directory)/\(product)/MTD_MSIL2A.xml", "<a/>")
    try write("\(directory)/\(product)/GRANULE/L2A_T32UPU/IMG_DATA/R10m/T32UPU_20230614T102601_B02_10m.jp2")
    try write("\(directory)/\(product)/GRANULE/L2A_T32UPU/QI_DATA/MSK_CLDPRB_20m.jp2")
  }

  private func found(in directory: String = "in", levels: Int = SceneSearch.levels) throws -> FoundScenes {
    try SceneSearch().found(in: scratch.file(directory), levels: levels)
  }

  private func paths(_ scenes: [SceneSource]) -> [String] {
    scenes.map { String($0.path.dropFirst(scratch.file("in").count + 1)) }
  }

  private func reasons(_ found: FoundScenes) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: found.others.map {
        (String($0.path.dropFirst(scratch.file("in").count + 1)), $0.reason)
      })
  }

  @Test("Products are found three directories down, and no further")
  func levels() throws {
    try putProduct(in: "in/2023/06/14")
    try putProduct(in: "in/a/b/c/d")
    let all = try found()
    #expect(paths(all.scenes) == ["2023/06/14/\(product)"] && all.refused.isEmpty)
    #expect(reasons(all) == ["a": "no scene in it"])
    let flat = try found(levels: 0)
    #expect(flat.scenes.isEmpty && flat.others.count == 2)
    #expect(reasons(flat)["2023"] == "no scene in it; directories are searched 3 levels deep")
  }

  @Test("A product that was unpacked into a folder of its own name is found once; nothing in a product is")
  func unpackedTwice() throws {
    try putProduct(in: "in/\(product)")
    try putProduct(in: "in")
    let all = try found()
    #expect(paths(all.scenes) == [product] && all.others.isEmpty)
    try FileManager.default.removeItem(atPath: scratch.file("in/\(product)/MTD_MSIL2A.xml"))
    try FileManager.default.removeItem(atPath: scratch.file("in/\(product)/GRANULE"))
    let inner = try found()
    #expect(paths(inner.scenes) == ["\(product)/\(product)"] && inner.others.isEmpty)
    #expect(inner.scenes[0].name + ".SAFE" == product)
    try FileManager.default.removeItem(atPath: scratch.file("in/\(product)/\(product)/MTD_MSIL2A.xml"))
    try FileManager.default.removeItem(
      atPath: scratch.file("in/\(product)/\(product)/GRANULE/L2A_T32UPU/IMG_DATA"))
    // The masks of a product are no scene.
    #expect(try found().scenes.isEmpty)
    #expect(reasons(try found()) == [product: "the folder of a product without its images and metadata"])
  }

  @Test("A product of which the metadata alone have arrived is a scene, and says what is missing")
  func metadataAlone() throws {
    let image = "GRANULE/L2A_T32UPU/IMG_DATA/R10m/T32UPU_20230614T102601_B02_10m"
    try write("in/\(product)/MTD_MSIL2A.xml", "<a><IMAGE_FILE>\(image)</IMAGE_FILE></a>")
    let landsat = "LC08_L2SP_193026_20230614_20230622_02_T1"
    try write(
      "in/\(landsat)/\(landsat)_MTL.txt",
      """
      GROUP = PRODUCT_CONTENTS
        PROCESSING_LEVEL = "L2SP"
        COLLECTION_NUMBER = 02
        FILE_NAME_BAND_2 = "\(landsat)_SR_B2.TIF"
      END_GROUP = PRODUCT_CONTENTS
      GROUP = IMAGE_ATTRIBUTES
        SPACECRAFT_ID = "LANDSAT_8"
      END_GROUP = IMAGE_ATTRIBUTES
      """)
    let all = try found()
    #expect(paths(all.scenes) == [landsat, product] && all.others.isEmpty)
    let sensors: [Sensor] = [.landsat8L2, .sentinel2L2A]
    for (scene, sensor) in zip(all.scenes, sensors) {
      #expect(scene.files.isEmpty && scene.product?.sensors == [sensor.name])
      let error = #expect(throws: RasterError.self) { try Scene(scene, sensor: sensor, bands: ["blue"]) }
      #expect(
        error?.description.contains("incomplete: 1 of 1 files that its metadata name are not there (") == true
      )
    }
  }

  @Test("What belongs to a scene is no entry: side-cars, masks, hidden files; other things are named")
  func others() throws {
    for name in [
      "a.tif", "a.tfw", "a.tif.aux.xml", "a.json", ".hidden", "ab.tfw", "notes.txt", "b.gpkg", "c/B02.tif",
      "c.7z",
    ] {
      try write("in/\(name)")
    }
    _ = try scratch.directory("in/empty")
    try write("in/docs/one.txt")
    try write("in/docs/two/three.txt")
    let all = try found()
    #expect(paths(all.scenes) == ["a.tif", "c"])
    let unknown = "no raster, and no product that is known"
    #expect(
      reasons(all) == [
        "ab.tfw": unknown, "b.gpkg": unknown, "c.7z": unknown, "notes.txt": unknown,
        "docs": "no scene in it",
        "empty": "an empty directory",
      ])
  }

  @Test("Of a directory with a scene in it the other entries are named one by one")
  func mixed() throws {
    try write("in/june/a.dat")
    try putProduct(in: "in/june")
    try write("in/june/docs/b.txt")
    let all = try found()
    #expect(paths(all.scenes) == ["june/\(product)"])
    #expect(Set(reasons(all).keys) == ["june/a.dat", "june/docs"])
  }

  private func symbolicLink(_ link: String, _ target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
  }

  @Test("A link to a directory is not searched; one that leaves the directory is refused")
  func links() throws {
    try putProduct(in: "in/june")
    try putProduct(in: "elsewhere")
    try symbolicLink(scratch.file("in/latest"), scratch.file("in/june"))
    try symbolicLink(scratch.file("in/loop"), scratch.file("in"))
    try symbolicLink(scratch.file("in/out"), scratch.file("elsewhere"))
    let all = try found()
    #expect(paths(all.scenes) == ["june/\(product)"])
    #expect(paths(all.refused).sorted() == ["loop", "out"])
    #expect(all.refused.allSatisfy { $0.refusal?.code == .refusedPath })
    #expect(reasons(all) == ["latest": "a link to a directory: scenes in it are found where they lie"])
  }

  @Test("A directory of bands in a directory is a scene, as before; two of one name are told apart")
  func nestedBands() throws {
    for day in ["2023-06-14", "2023-06-15"] { try write("in/\(day)/north/B02.tif") }
    let all = try found()
    #expect(paths(all.scenes) == ["2023-06-14/north", "2023-06-15/north"])
    #expect(all.scenes.namedApart.map(\.name) == ["2023-06-14-north", "2023-06-15-north"])
  }

  @Test("A search that would look at too many entries ends, naming the directory")
  func bounded() throws {
    for index in 0..<6 { try write("in/many/\(index).txt") }
    var walk = DirectorySearch(SceneSearch(), limit: 5)
    let error = #expect(throws: RasterError.self) { try walk.found(in: scratch.file("in"), levels: 3) }
    #expect(error?.code == .tooLarge && error?.path == scratch.file("in/many"))
    var enough = DirectorySearch(SceneSearch(), limit: 6)
    #expect(try enough.found(in: scratch.file("in"), levels: 3).others.count == 1)
  }
}
