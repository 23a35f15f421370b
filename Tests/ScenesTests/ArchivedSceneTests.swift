import Foundation
import Rasters
import Scenes
import TestArchives
import TestRasters
import Testing

/// Unpacked archives of one test, removed with it.
private final class Unpacked {
  let archives = UnpackedArchives()
  deinit { archives.remove() }
}

@Suite("Scenes in archives")
struct ArchivedSceneTests {
  private let scratch = Scratch()
  private let unpacked = Unpacked()
  private var archives: UnpackedArchives { unpacked.archives }
  private var search: SceneSearch { SceneSearch(archives: archives) }
  private static let product = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000"

  private func raster(_ name: String, value: UInt16) throws {
    try scratch.raster(
      name, grid: utmGrid(4, 4), bands: [[UInt16](repeating: value, count: 16)],
      options: .init(type: .uint16, bandNames: [""]))
  }

  /// Writes a Sentinel-2 product with an offset, and returns its directory.
  private func sentinel2(_ place: String = "folder") throws -> String {
    let folder = "\(place)/\(Self.product).SAFE"
    let images = folder + "/GRANULE/L2A_T32TQM/IMG_DATA/R10m"
    _ = try scratch.directory(images)
    try raster(images + "/T32TQM_20230614T101031_B02_10m.tif", value: 1200)
    try raster(images + "/T32TQM_20230614T101031_B03_10m.tif", value: 1300)
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: folder + "/MTD_MSIL2A.xml")
    return scratch.file(folder)
  }

  private func values(_ source: SceneSource, _ bands: [String] = ["blue"]) throws -> [Float] {
    let scene = try Scene(source, sensor: .sentinel2L2A, bands: bands)
    return try scene.read(scene.grid.bounds).values
  }

  /// Whether a raster of an archive is on the disk.
  private func isUnpacked(_ path: String) throws -> Bool {
    try Data(contentsOf: URL(fileURLWithPath: path)).contains { $0 != 0 }
  }

  @Test(
    "A product in an archive is the product: its name, bands, offset, day and numbers",
    arguments: [WrittenArchive.Format.zip, .storedZip, .ustar, .pax, .gnutar, .gzippedTar])
  func sameProduct(format: WrittenArchive.Format) throws {
    let folder = try sentinel2()
    let path = scratch.file(
      "downloaded" + (format == .gzippedTar ? ".tgz" : format == .zip ? ".zip" : ".tar"))
    try WrittenArchive.write(directory: folder, as: Self.product + ".SAFE", format, to: path)
    let (plain, source) = (try SceneSource(path: folder), try search.scene(at: path))
    #expect(
      source.name == Self.product && source.path == path
        && source.fileName == URL(fileURLWithPath: path).lastPathComponent)
    #expect(source.bands.map(\.name) == ["B02", "B03"] && source.product == plain.product)
    #expect(source.acquisition == plain.acquisition && source.acquisition != nil)
    #expect(try source.storedFiles == [path] && plain.storedFiles == plain.contentFiles)
    // Found by its names and its metadata, without a pixel.
    for file in source.files { #expect(try !isUnpacked(file)) }
    #expect(try values(source) == values(plain))
    #expect(try values(source, ["B02", "B03"]) == values(plain, ["B02", "B03"]))
    let grid = try #require(plain.grid)
    #expect(source.grid?.isSame(as: grid) == true)
  }

  @Test("Rasters are there while a scene is open, one by one, and gone with the last")
  func held() throws {
    let path = scratch.file("product.zip")
    try WrittenArchive.write(directory: sentinel2(), as: Self.product + ".SAFE", .zip, to: path)
    let source = try search.scene(at: path)
    var scene: Scene? = try Scene(source, sensor: .sentinel2L2A, bands: ["B03"])
    #expect(try !isUnpacked(source.files[0]) && isUnpacked(source.files[1]))
    let other = try Scene(source, sensor: .sentinel2L2A, bands: ["B02"])
    scene = nil
    #expect(scene == nil)
    #expect(try isUnpacked(source.files[0]) && isUnpacked(source.files[1]))
    #expect(try other.read(other.grid.bounds).validCount == 16)
  }

  @Test("Without a place to keep them nothing stays; with one all stays until it is removed")
  func kept() throws {
    let path = scratch.file("product.zip")
    try WrittenArchive.write(directory: sentinel2(), as: Self.product + ".SAFE", .zip, to: path)
    let source = try search.scene(at: path)
    _ = try values(source)
    #expect(try !isUnpacked(source.files[0]))
    archives.keep(below: scratch.file("out"))
    _ = try values(source)
    #expect(try isUnpacked(source.files[0]) && !isUnpacked(source.files[1]))
    let unpacked = try #require(
      FileManager.default.enumerator(atPath: scratch.file("out/cache/unpacked"))?.compactMap { $0 as? String }
    )
    #expect(
      unpacked.contains { $0.hasSuffix("B02_10m.tif") }
        && unpacked.contains { $0.hasSuffix("MTD_MSIL2A.xml") })
    #expect(try values(source, ["B02", "B03"]).count == 32)
    let again = try search.scene(at: path)
    #expect(again.files == source.files)
    archives.remove()
    #expect(!FileManager.default.fileExists(atPath: scratch.file("out")))
    #expect(!FileManager.default.fileExists(atPath: source.files[0]))
  }

  @Test("Of what is kept, what was used longest ago goes first where it becomes too much")
  func bounded() throws {
    let folder = try sentinel2()
    let size = try Data(
      contentsOf: URL(fileURLWithPath: SceneSource(path: folder).files[0])
    ).count
    let archives = UnpackedArchives(mostKept: 2 * size + size / 2)
    defer { archives.remove() }
    archives.keep(below: scratch.file("out"))
    let sources = try (0..<3).map { number in
      let path = scratch.file("product-\(number).zip")
      try WrittenArchive.write(directory: folder, as: Self.product + ".SAFE", .zip, to: path)
      return try SceneSearch(archives: archives).scene(at: path)
    }
    func present() throws -> [Bool] { try sources.map { try isUnpacked($0.files[0]) } }
    for source in sources.prefix(2) { _ = try values(source) }
    #expect(try present() == [true, true, false])
    _ = try values(sources[0])
    _ = try values(sources[2])
    #expect(try present() == [true, false, true])
    // What is held stays, whatever it takes.
    let scenes = try sources.map { try Scene($0, sensor: .sentinel2L2A, bands: ["B02"]) }
    #expect(try present() == [true, true, true])
    #expect(try scenes.allSatisfy { try $0.read($0.grid.bounds).validCount == 16 })
  }

  @Test("Damaged archives of products are refused or read, and end nothing", arguments: 0..<6)
  func damaged(seed: Int) throws {
    let (format, name) = [
      (WrittenArchive.Format.zip, "p.zip"), (.storedZip, "p.zip"), (.ustar, "p.tar"), (.gzippedTar, "p.tgz"),
    ][seed % 4]
    let path = scratch.file(name)
    try WrittenArchive.write(directory: sentinel2(), as: Self.product + ".SAFE", format, to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var (random, refused) = (SeededNumbers(seed: seed), 0)
    for _ in 0..<40 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes = bytes.prefix(Int.random(in: 0...bytes.count, using: &random)) }
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let source = try search.scene(at: path)
        #expect(try values(source).count == 16)
      } catch is RasterError {
        refused += 1
      }
    }
    #expect(refused > 5)
  }

  @Test("Files at the top of an archive are those of a folder of its name")
  func flat() throws {
    _ = try scratch.directory("folder")
    try raster("folder/LC08_SR_B2.tif", value: 9000)
    try raster("folder/LC08_SR_B3.tif", value: 9500)
    try scratch.write("DATE_ACQUIRED = 2021-08-01", to: "folder/LC08_MTL.txt")
    for (name, format) in [("LC08.tar", WrittenArchive.Format.ustar), ("LC08.tar.gz", .gzippedTar)] {
      try WrittenArchive.write(directory: scratch.file("folder"), as: nil, format, to: scratch.file(name))
      let source = try search.scene(at: scratch.file(name))
      #expect(source.name == "LC08" && source.delivery?.day?.description == "2021-08-01")
      #expect(source.files.count == 2 && source.files[0].hasSuffix("/LC08/LC08_SR_B2.tif"))
      let scene = try Scene(source, sensor: .landsat8L2, bands: ["B2"])
      #expect(try scene.read(scene.grid.bounds).values.allSatisfy { abs($0 - (9000 * 2.75e-5 - 0.2)) < 1e-6 })
    }
  }

  @Test("Among scenes archives are scenes where they hold one, passed over where not, and refused where bad")
  func directory() throws {
    let folder = try sentinel2()
    _ = try scratch.directory("in")
    try WrittenArchive.write(
      directory: folder, as: Self.product + ".SAFE", .zip, to: scratch.file("in/product.zip"))
    try FileManager.default.copyItem(atPath: folder, toPath: scratch.file("in/\(Self.product).SAFE"))
    let text = [WrittenMember("readme.txt", "words"), WrittenMember("../out", "words")]
    WrittenArchive.write(text, .zip, to: scratch.file("in/texts.zip"))
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.file("in/product.zip")))
    try whole.prefix(500).write(to: URL(fileURLWithPath: scratch.file("in/arriving.zip")))
    let climbing = [WrittenMember("X.SAFE/a.jp2", "x"), WrittenMember("X.SAFE/../../b.jp2", "x")]
    WrittenArchive.write(climbing, .ustar, to: scratch.file("in/climbing.tar"))
    let several = ["X", "Y"].map { WrittenMember("\($0).SAFE/a.jp2", "x") }
    WrittenArchive.write(several, .zip, to: scratch.file("in/several.zip"))
    let found = try search.scenes(in: scratch.file("in"))
    let (scenes, refused) = (found.filter { $0.refusal == nil }, found.filter { $0.refusal != nil })
    #expect(scenes.map(\.name) == [Self.product + "-directory", Self.product + "-zip"])
    #expect(refused.map(\.name) == ["arriving", "climbing", "several"])
    #expect(refused.map { $0.refusal?.code } == [.unreadable, .refusedPath, .unsupported])
    #expect(
      refused[0].refusal?.description.contains("in/arriving.zip: cannot read the archive: it is cut short")
        == true)
    #expect(refused[1].refusal?.description.contains("'X.SAFE/../../b.jp2' in it: its name climbs") == true)
    #expect(
      refused[2].refusal?.description.contains("the archive has 2 folders ('X.SAFE', 'Y.SAFE')") == true)
    // What cannot be read yet may be arriving: its own time says so.
    #expect(try refused.allSatisfy { try $0.storedFiles == [$0.path] })
    #expect(!FileManager.default.fileExists(atPath: scratch.file("b.jp2")))
  }

  @Test("An archive that the user names and that holds no product says so")
  func named() throws {
    let path = scratch.file("texts.zip")
    WrittenArchive.write([WrittenMember("readme.txt", "words")], .zip, to: path)
    let error = #expect(throws: RasterError.self) { try search.scene(at: path) }
    #expect(error?.description == "\(path): cannot find the scene: no product that is known in the archive")
    #expect(throws: RasterError.self) { try search.scene(at: scratch.file("none.zip")) }
    let refusal = search.sceneOrRefusal(at: path)
    #expect(refusal.name == "texts" && refusal.refusal == error)
    #expect(try SceneSearch(archives: nil).scenes(in: scratch.path).isEmpty)
  }

  @Test("Errors name the archive and what is in it, not where it was unpacked")
  func errors() throws {
    let path = scratch.file("product.zip")
    let folder = Self.product + ".SAFE"
    let image = folder + "/GRANULE/L2A/IMG_DATA/R10m/T32TQM_20230614T101031_B02_10m.tif"
    WrittenArchive.write(
      [WrittenMember(folder + "/MTD_MSIL2A.xml", "<a/>"), WrittenMember(image, "no raster")], .zip, to: path)
    let source = try search.scene(at: path)
    let error = #expect(throws: RasterError.self) { try values(source) }
    #expect(error?.path == path + "/" + image && error?.code == .unreadable, "\(error!)")
    let radar = "S1A_IW_GRDH_1SDV_20230614T053000_20230614T053025_048979_05E3C6_ABCD.SAFE"
    WrittenArchive.write([WrittenMember(radar + "/measurement/s1a-vv.tiff", "x")], .zip, to: path)
    let refusal = try search.scene(at: path).refusal
    #expect(refusal?.path == path && refusal?.description.contains("in radar geometry") == true)
  }

  @Test("So do errors about several of its files")
  func disagreement() throws {
    let folder = try sentinel2()
    let image = "GRANULE/L2A_T32TQM/IMG_DATA/R10m/T32TQM_20230614T101031_B03_10m.tif"
    let shifted = Grid(
      width: 4, height: 4,
      transform: GeoTransform(originX: 600_010, originY: 5_200_000, pixelSize: 10), crs: utm)
    try scratch.raster(
      "folder/\(Self.product).SAFE/\(image)", grid: shifted, bands: [[UInt16](repeating: 1, count: 16)],
      options: .init(type: .uint16, bandNames: [""]))
    let path = scratch.file("product.zip")
    try WrittenArchive.write(directory: folder, as: Self.product + ".SAFE", .zip, to: path)
    let source = try search.scene(at: path)
    let error = #expect(throws: RasterError.self) { try values(source, ["B02", "B03"]) }
    #expect(
      error?.code == .gridMismatch && error?.path == "\(path)/\(Self.product).SAFE/\(image)", "\(error!)")
    #expect(error?.description.contains("unpacked-") == false, "\(error!)")
  }

  @Test("More metadata than is read of a product is refused, not left out")
  func largeMetadata() throws {
    let folder = Self.product + ".SAFE"
    let path = scratch.file("product.zip")
    let padding = Data(repeating: UInt8(ascii: " "), count: (8 << 20) + 1)
    let image = WrittenMember(folder + "/GRANULE/L2A/IMG_DATA/R10m/T32TQM_20230614T101031_B02_10m.tif", "x")
    WrittenArchive.write([WrittenMember(folder + "/MTD_MSIL2A.xml", padding), image], .zip, to: path)
    // As in a directory: the file is there, and is too large to be read.
    let metadata = try #require(try search.scene(at: path).metadata)
    #expect(throws: RasterError.self) { try metadata.statedBands(for: .sentinel2L2A) }
    let texts = (0..<9).map { WrittenMember("\(folder)/\($0).xml", padding.dropLast()) }
    WrittenArchive.write(texts + [image], .zip, to: path)
    let error = #expect(throws: RasterError.self) { try search.scene(at: path) }
    #expect(error?.code == .tooLarge)
  }

  @Test("Another archive at the path is another scene")
  func replaced() throws {
    let path = scratch.file("product.zip")
    let folder = try sentinel2()
    try WrittenArchive.write(directory: folder, as: Self.product + ".SAFE", .zip, to: path)
    let first = try values(search.scene(at: path))
    try raster(
      "folder/\(Self.product).SAFE/GRANULE/L2A_T32TQM/IMG_DATA/R10m/T32TQM_20230614T101031_B02_10m.tif",
      value: 2200)
    try WrittenArchive.write(directory: folder, as: Self.product + ".SAFE", .zip, to: path)
    let second = try values(search.scene(at: path))
    #expect(zip(first, second).allSatisfy { abs($1 - $0 - 0.1) < 1e-6 })
  }

  @Test("What macOS adds to an archive is not looked at")
  func additions() throws {
    let path = scratch.file("product.zip")
    let folder = try sentinel2()
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.contains(".") && !$0.hasSuffix("R10m")
    }
    let members = try names.sorted().map {
      WrittenMember(
        "\(Self.product).SAFE/\($0)", try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)))
    }
    let added = [WrittenMember("__MACOSX/._\(Self.product).SAFE", "x"), WrittenMember(".DS_Store", "x")]
    WrittenArchive.write(added + members, .zip, to: path)
    let source = try search.scene(at: path)
    #expect(source.name == Self.product && source.files.count == 2)
  }
}
