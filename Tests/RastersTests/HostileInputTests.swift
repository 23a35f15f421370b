import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Hostile input")
struct HostileInputTests {
  let scratch = Scratch()

  /// The tests call GDAL themselves, whose functions are not there before it is loaded.
  init() { GDALLibrary.start() }

  @Test("a VRT is refused whatever it is called, and the message says how to allow it")
  func vrt() throws {
    // GDAL looks for the mark among the first 1,024 bytes.
    for (name, text) in [("a.vrt", ""), ("a.tif", "<!--" + String(repeating: "x", count: 900) + "-->")] {
      let path = try scratch.write(
        """
        \(text)<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">
        <SourceFilename relativetoVRT="0">/etc/passwd</SourceFilename></VRTRasterBand></VRTDataset>
        """, to: name)
      let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
      #expect(error?.code == .unsupported)
      #expect(error?.description.contains("VRT") == true && error?.description.contains(name) == true)
    }
  }

  @Test(
    "addresses, virtual paths, markup and directories are refused before GDAL sees them",
    arguments: [
      "/vsicurl/http://127.0.0.1/a.tif", "/vsizip/a.zip/a.tif", "http://127.0.0.1/a.tif", "s3://bucket/a.tif",
      "<VRTDataset rasterXSize=\"1\" rasterYSize=\"1\"/>", "", "\\\\server\\share",
    ])
  func virtualPaths(path: String) {
    let raster = #expect(throws: RasterError.self) { try RasterFile(path: path) }
    #expect(raster?.code == .refusedPath)
    let scene = #expect(throws: RasterError.self) { try SceneSource(path: path) }
    #expect(scene?.code == .refusedPath)
    let writer = #expect(throws: RasterError.self) {
      try RasterWriter(path: path, grid: utmGrid(1, 1), options: .init(type: .byte, bandNames: ["x"]))
    }
    #expect(writer?.code == .refusedPath)
  }

  @Test("a subdataset name is no file")
  func subdataset() throws {
    try scratch.raster(
      "a.tif", grid: utmGrid(1, 1), bands: [[UInt8(1)]], options: .init(type: .byte, bandNames: ["x"]))
    let error = #expect(throws: RasterError.self) {
      try RasterFile(path: "GTIFF_DIR:1:" + scratch.file("a.tif"))
    }
    #expect(error?.code == .notFound)
    let directory = #expect(throws: RasterError.self) { try RasterFile(path: scratch.path) }
    #expect(directory?.code == .refusedPath)
  }

  @Test("links that leave the directory are refused one by one; the other scenes stay")
  func links() throws {
    let inside = try scratch.directory("in")
    let outside = try scratch.directory("out")
    for name in ["in/good.tif", "out/secret.tif"] {
      try scratch.raster(
        name, grid: utmGrid(1, 1), bands: [[UInt8(1)]], options: .init(type: .byte, bandNames: ["B02"]))
    }
    let files = FileManager.default
    try files.createSymbolicLink(atPath: inside + "/evil.tif", withDestinationPath: outside + "/secret.tif")
    try files.createSymbolicLink(atPath: inside + "/folder", withDestinationPath: outside)
    try files.createSymbolicLink(atPath: inside + "/dangling.tif", withDestinationPath: "nowhere.tif")
    try files.createSymbolicLink(atPath: inside + "/same.tif", withDestinationPath: "good.tif")
    let scenes = try SceneSearch().scenes(in: inside)
    #expect(scenes.filter { $0.refusal == nil }.map(\.name) == ["good", "same"])
    let refused = scenes.compactMap(\.refusal)
    #expect(refused.map(\.path) == ["dangling.tif", "evil.tif", "folder"].map { inside + "/" + $0 })
    #expect(refused.map(\.code) == [.notFound, .refusedPath, .refusedPath])
    let error = #expect(throws: RasterError.self) {
      try Scene(scenes[3], sensor: .sentinel2L2A, bands: ["B02"])
    }
    #expect(scenes[3].name == "evil" && error == scenes[3].refusal)
  }

  @Test("a file that declares far more than it can hold is refused")
  func absurdSizes() throws {
    // A TIFF of 2^20 x 2^20 bytes whose 16,384 tiles are all absent: 130 kB that claim a terabyte.
    var file = Data([0x49, 0x49, 42, 0, 8, 0, 0, 0])
    let append = { (value: UInt32, size: Int) in
      for byte in 0..<size { file.append(UInt8(value >> UInt32(8 * byte) & 255)) }
    }
    let tiles: UInt32 = 128 * 128
    let arrays: UInt32 = 8 + 2 + 10 * 12 + 4
    let entries: [(tag: UInt32, type: UInt32, count: UInt32, value: UInt32)] = [
      (256, 4, 1, 1 << 20), (257, 4, 1, 1 << 20), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
      (277, 3, 1, 1),
      (322, 4, 1, 8192), (323, 4, 1, 8192), (324, 4, tiles, arrays), (325, 4, tiles, arrays + 4 * tiles),
    ]
    append(UInt32(entries.count), 2)
    for entry in entries {
      append(entry.tag, 2)
      append(entry.type, 2)
      append(entry.count, 4)
      append(entry.value, 4)
    }
    append(0, 4)
    file.append(Data(count: Int(8 * tiles)))
    let path = scratch.file("sparse.tif")
    try file.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: RasterError.self) { try RasterFile(path: path) }
    #expect(error?.code == .tooLarge)
    #expect(error?.description.hasSuffix("1048576 x 1048576 x 1 declared in \(file.count) bytes") == true)
  }

  /// A socket on this machine that nobody should knock at.
  private final class Listener {
    let descriptor: Int32
    private(set) var port = 0

    init() {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          _ = bind(descriptor, generic, length)
          _ = listen(descriptor, 8)
          _ = getsockname(descriptor, generic, &length)
        }
      }
      port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    var wasCalled: Bool {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&waiting, 1, 50) > 0
    }
  }

  @Test("a TIFF that names its overviews at an address makes no connection")
  func remoteOverviews() throws {
    let listener = Listener()
    // The listener never answers: should a connection be made, the test fails instead of waiting for ever.
    CPLSetThreadLocalConfigOption("GDAL_HTTP_TIMEOUT", "2")
    defer { CPLSetThreadLocalConfigOption("GDAL_HTTP_TIMEOUT", nil) }
    let path = try scratch.raster(
      "a.tif", grid: utmGrid(700, 700), bands: [[UInt8](repeating: 1, count: 490_000)],
      options: .init(type: .byte, bandNames: ["B02"]))
    let dataset = try #require(GDALOpen(path, GA_Update))
    let address = "/vsicurl/http://127.0.0.1:\(listener.port)/overviews.tif"
    GDALSetMetadataItem(GDALMajorObjectH(dataset.rawValue), "OVERVIEW_FILE", address, "OVERVIEWS")
    GDALClose(dataset)
    let stored = try #require(FileManager.default.contents(atPath: path))
    #expect(String(decoding: stored, as: UTF8.self).contains("/vsicurl/http://127.0.0.1"))
    #expect(try RasterReport(path: path).bands[0].validShare == 1)
    let scene = try Scene(SceneSource(path: path), sensor: .sentinel2L2A, bands: ["B02"])
    #expect(try scene.read(scene.grid.bounds).validCount == 490_000)
    let output = scratch.file("out.tif")
    try CloudOptimizedGeoTIFF.write(source: path, to: output, overviews: .average)
    // Even a program error that asks GDAL for the overviews does not reach the network.
    let again = try #require(GDALOpen(path, GA_ReadOnly))
    #expect(GDALGetOverviewCount(GDALGetRasterBand(again, 1)) == 0)
    GDALClose(again)
    #expect(listener.port > 0 && !listener.wasCalled)
  }

  @Test("settings of the environment do not reach GDAL")
  func environment() {
    for name in ["GDAL_DATA", "CPL_DEBUG", "GDAL_DRIVER_PATH", "PROJ_NETWORK"] {
      #expect(ProcessInfo.processInfo.environment[name] == nil)
    }
    #expect(GDALLibrary.versionDescription.hasPrefix("GDAL 3."))
    #expect(GDALLibrary.versionDescription.contains("PROJ "))
  }

  @Test("files are read from many threads at once, each with its own errors")
  func threads() async throws {
    let good = try scratch.raster(
      "good.tif", grid: utmGrid(64, 64), bands: [[UInt8](repeating: 7, count: 4096)],
      options: .init(type: .byte, bandNames: ["x"]))
    let bad = try scratch.write("not a raster", to: "bad.tif")
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        group.addTask {
          if index.isMultiple(of: 2) {
            let values: [UInt8]? = try? RasterFile(path: good).readValues(
              Window(column: 0, row: 0, width: 64, height: 64), band: 1)
            return values == [UInt8](repeating: 7, count: 4096)
          }
          do throws(RasterError) {
            _ = try RasterFile(path: bad)
            return false
          } catch {
            return error.cause?.contains("bad.tif") == true
          }
        }
      }
      for await passed in group { #expect(passed) }
    }
  }
}
