import CGDAL
import Foundation
import Rasters
import Testing

extension Scratch {
  /// Writes a file with a driver, after `describe` has set what is to be tested on a GeoTIFF or a dataset in
  /// memory.
  package func image(
    _ name: String, driver: String = "GTiff", type: GDALDataType = GDT_Byte, bands: [[Double]], width: Int,
    grid: Grid? = nil,
    creation: [String] = [], _ describe: (GDALDatasetH) throws -> Void = { _ in }
  ) throws -> String {
    let path = file(name)
    let isDirect = driver == "GTiff"
    var options: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    for option in creation { options = CSLAddString(options, option) }
    defer { CSLDestroy(options) }
    let height = bands[0].count / width
    let dataset = try #require(
      GDALCreate(
        GDALGetDriverByName(isDirect ? "GTiff" : "MEM"), path, Int32(width), Int32(height),
        Int32(bands.count), type,
        isDirect ? options : nil))
    var transform = (grid?.transform ?? north).coefficients
    if grid == nil || grid?.transform != nil { GDALSetGeoTransform(dataset, &transform) }
    if let wkt = grid?.crs?.wkt { GDALSetProjection(dataset, wkt) }
    try describe(dataset)
    for (index, values) in bands.enumerated() {
      var values = values
      let done = GDALRasterIO(
        GDALGetRasterBand(dataset, Int32(index + 1)), GF_Write, 0, 0, Int32(width), Int32(height), &values,
        Int32(width), Int32(height), GDT_Float64, 0, 0)
      #expect(done == CE_None)
    }
    if !isDirect {
      GDALClose(
        try #require(GDALCreateCopy(GDALGetDriverByName(driver), path, dataset, 0, options, nil, nil)))
    }
    GDALClose(dataset)
    return path
  }

  /// Replaces a text in a file by one of the same length: what GDAL would not write.
  package func patch(_ path: String, _ old: String, with new: String) throws {
    precondition(old.utf8.count == new.utf8.count, "\(old) by \(new)")
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    let range = try #require(data.range(of: Data(old.utf8)))
    data.replaceSubrange(range, with: Data(new.utf8))
    try data.write(to: URL(fileURLWithPath: path))
  }
}

extension RasterFile {
  /// Whether each pixel of a window is valid in all of the given bands, row by row.
  package func readValidity(_ window: Window, bands: [Int]? = nil) throws -> [Bool] {
    var valid = [Bool](repeating: true, count: window.pixelCount)
    for band in bands ?? measuredBands.map(\.index) {
      let values = try read(window, band: band)
      for index in values.indices where values[index].isNaN { valid[index] = false }
    }
    return valid
  }
}

/// A band of a dataset, from 1.
package func rasterBand(_ dataset: GDALDatasetH, _ index: Int32) -> GDALRasterBandH {
  GDALGetRasterBand(dataset, index)!
}
