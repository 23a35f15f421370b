import Foundation
import Rasters

/// The rules by which the stored numbers of a scene's bands become physical values: the file's, the product
/// metadata's or the sensor's.
struct SceneRadiometry {
  private let sensor: Sensor
  /// Added to stored values before scaling, by the name of the band, from the product's metadata file.
  private let productOffsets: [String: Double]

  /// - Throws: what reading the product's metadata throws: without it, offsets would be taken for 0.
  package init(sensor: Sensor, source: SceneSource) throws(RasterError) {
    self.sensor = sensor
    productOffsets = try source.metadata?.addedOffsets(for: sensor) ?? [:]
  }

  /// Returns the rule for one band: a file's own scale and offset win over the sensor's.
  func decoding(of band: RasterBand, in file: RasterFile) -> ValueDecoding {
    var decoding = band.decoding
    if decoding.noData == nil, let value = sensor.noData, value != 0 { decoding.noData = value }
    guard !band.hasOwnScaling else { return decoding }
    decoding.scale = sensor.scale
    decoding.offset = sensor.offset + addedOffset(band, file) * sensor.scale
    return decoding
  }

  /// Returns the offset that the band, its file or the product's metadata adds to stored numbers.
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
}
