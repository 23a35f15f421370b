import CGDAL
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("GDAL's cache of decoded blocks")
struct BlockCacheTests {
  @Test("A plan counts alone; open scenes have what they ask for, within bounds")
  func demand() {
    var demand = BlockCacheDemand()
    #expect(demand.bytes == 64 << 20)
    demand.held = 100 << 20
    #expect(demand.bytes == 100 << 20)
    demand.held = 1 << 40
    #expect(demand.bytes == 512 << 20)
    demand.planned = 70 << 20
    #expect(demand.bytes == 70 << 20)
  }

  @Test(
    "A picture of bands that are decoded together reads each block once, though a row of blocks is large",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/thread-self/io"), "nobody counts what is read")
  )
  func thinned() throws {
    GDALLibrary.start()
    let scratch = Scratch()
    // 76 MB a row of blocks, of two rows.
    let (path, width, bands, block) = (scratch.file("thirteen.tif"), 11_400, 13, 256)
    var options = CSLAddString(nil, "INTERLEAVE=PIXEL")
    for option in ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1"] { options = CSLAddString(options, option) }
    defer { CSLDestroy(options) }
    let driver = GDALGetDriverByName("GTiff")
    let dataset = try #require(
      GDALCreate(driver, path, Int32(width), Int32(2 * block), Int32(bands), GDT_UInt16, options))
    var values = (0..<width * block * bands).map { UInt16(truncatingIfNeeded: $0 &* 7 >> 4) }
    for row in [0, block] {
      let done = GDALDatasetRasterIO(
        dataset, GF_Write, 0, Int32(row), Int32(width), Int32(block), &values, Int32(width), Int32(block),
        GDT_UInt16, Int32(bands), nil, 0, 0, 0)
      #expect(done == CE_None)
    }
    GDALClose(dataset)
    let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    let file = try RasterFile(path: path)
    #expect(file.isInterleavedByPixel)
    let before = try Self.bytesRead()
    _ = try file.readThinned(bands: [4, 3, 2], width: 512, height: 24, as: Float.self)
    #expect(try Self.bytesRead() - before < 2 * size)
  }

  /// Bytes that this thread has read from files.
  private static func bytesRead() throws -> Int {
    let text = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
    return try #require(Int(line.dropFirst("rchar: ".count)))
  }
}
