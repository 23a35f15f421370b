import CGDAL
import Foundation
import Host
import Rasters

/// How the stored numbers of a scene's bands become physical values: by the file, the product's metadata, the
/// sensor.
struct SceneRadiometry {
  private let sensor: Sensor
  /// Added to stored values before scaling, by the name of the band, from a Sentinel-2 product's metadata
  /// file.
  private let productOffsets: [String: Double]

  /// - Throws: what reading the product's metadata throws: without it, offsets would be taken for 0.
  package init(sensor: Sensor, source: SceneSource) throws(RasterError) {
    self.sensor = sensor
    let metadata = sensor.name.hasPrefix("sentinel-2") ? source.sentinel2Metadata : nil
    productOffsets = try metadata.map(Self.productOffsets) ?? [:]
  }

  /// The rule for one band: a file's own scale and offset win over the sensor's.
  func decoding(of band: RasterBand, in file: RasterFile) -> ValueDecoding {
    var decoding = band.decoding
    if decoding.noData == nil, let value = sensor.noData, value != 0 { decoding.noData = value }
    guard !band.hasOwnScaling else { return decoding }
    decoding.scale = sensor.scale
    decoding.offset = sensor.offset + addedOffset(band, file) * sensor.scale
    return decoding
  }

  /// Since processing baseline 04.00 Sentinel-2 numbers carry an offset, usually -1000, stated in the
  /// metadata only.
  private func addedOffset(_ band: RasterBand, _ file: RasterFile) -> Double {
    for key in ["BOA_ADD_OFFSET", "RADIO_ADD_OFFSET"] {
      if let text = band.metadata[key] ?? file.metadata[key], let value = Double(text) { return value }
    }
    guard !productOffsets.isEmpty else { return 0 }
    let stem = URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent
    let words = stem.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let name = words.last { sensor.bandIndex(matching: $0) != nil }
    return name.flatMap { productOffsets[Sensor.normalised($0)] } ?? 0
  }

  /// The offsets of `MTD_MSIL1C.xml` or `MTD_MSIL2A.xml`, by normalised band name.
  private static func productOffsets(in path: String) throws(RasterError) -> [String: Double] {
    let physicalBands = ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12"]
    let attempted = "read the product's metadata"
    try InputPath.checkCompanion(path, to: attempted)
    let data: Data
    do throws(SystemError) {
      data = try RegularFile.contents(of: path, limit: 8 << 20)
    } catch {
      throw RasterError(error, attempted)
    }
    let text = String(decoding: data, as: UTF8.self)
    var offsets: [String: Double] = [:]
    let pattern = /<(?:BOA|RADIO)_ADD_OFFSET\s+band_id="(\d+)"\s*>\s*(-?[0-9.]+)\s*</.asciiOnlyDigits()
    for match in text.matches(of: pattern) {
      guard let id = Int(match.1), physicalBands.indices.contains(id), let value = Double(match.2) else {
        continue
      }
      offsets[physicalBands[id]] = value
    }
    return offsets
  }
}
