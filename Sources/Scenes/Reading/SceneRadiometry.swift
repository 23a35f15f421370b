import Foundation
import Rasters

/// The rules by which the stored numbers of a scene's bands become physical values: the file's, the product
/// metadata's or the sensor's.
struct SceneRadiometry {
  private let sensor: Sensor
  /// The scalings that the product's metadata file states, by the name of the band.
  private let stated: [String: StoredScaling]
  /// Decibels for a tenfold number, where the product's numbers are to become decibels.
  private let decibelsPerDecade: Double?
  /// The product's metadata file; nil where there is none.
  private let metadataFile: String?

  /// - Throws: what reading the product's metadata throws: without it, offsets would be taken for 0.
  package init(sensor: Sensor, source: SceneSource) throws(RasterError) {
    self.sensor = sensor
    metadataFile = source.metadata?.file
    let backscatter = sensor.convertsBackscatter ? source.product?.backscatter : nil
    decibelsPerDecade = backscatter?.decibelsPerDecade
    stated = try source.metadata?.scalings(for: sensor) ?? [:]
  }

  /// Returns the rule for one band: numbers that terrane has written in a unit are what they are, a file's own scale and offset win over the product's and the sensor's;
  /// those of a sensor that has none are the product's.
  ///
  /// - Throws: `unsupported` where the sensor has no scaling and nothing else states one, where the numbers of
  ///   a Sentinel-2 product carry an offset that nothing states, and where terrane has written the file in
  ///   another unit than the sensor's.
  func decoding(of band: RasterBand, in file: RasterFile) throws(RasterError) -> ValueDecoding {
    if let unit = file.metadata[SceneOrigin.unitItem] {
      guard unit == sensor.unit || sensor.name == Sensor.customName else {
        throw RasterError(
          .unsupported, "read the scene as \(sensor.name)", path: file.path,
          cause: "its values are \(unit) by its item \(SceneOrigin.unitItem), not \(sensor.unit)")
      }
      return band.decoding
    }
    var decoding = band.decoding
    decoding.decibelsPerDecade = decibelsPerDecade
    if decoding.noData == nil, let value = sensor.noData, value != 0 { decoding.noData = value }
    let product = scaling(of: file)
    if sensor.scalesByProduct {
      if let product {
        (decoding.scale, decoding.offset) = (product.scale, product.offset)
      } else if !band.hasOwnScaling {
        throw RasterError(
          .unsupported, "find scale and offset", path: file.path,
          cause: metadataFile.map { "\($0) states none for this band" }
            ?? "'\(sensor.name)' takes them from the product's _MTL.txt, and there is none beside it")
      }
      return decoding
    }
    guard !band.hasOwnScaling else { return decoding }
    (decoding.scale, decoding.offset) = (sensor.scale, sensor.offset)
    if let added = addedOffset(band, file) {
      decoding.offset = sensor.offset + added * sensor.scale
    } else if let product {
      (decoding.scale, decoding.offset) = (product.scale, product.offset)
    } else if metadataFile == nil, sensor.name.hasPrefix("sentinel-2"),
      let baseline = Sentinel2Metadata.baselineWithOffset(ofImage: file.path)
    {
      throw RasterError(
        .unsupported, "find scale and offset", path: file.path,
        cause: "numbers of baseline \(baseline) carry an offset that \(Sentinel2Metadata.names[0]) states, "
          + "and there is none in the product")
    }
    return decoding
  }

  /// Returns the offset that the band or its file adds to stored numbers; nil where neither names one.
  private func addedOffset(_ band: RasterBand, _ file: RasterFile) -> Double? {
    for key in ["BOA_ADD_OFFSET", "RADIO_ADD_OFFSET"] {
      if let text = band.metadata[key] ?? file.metadata[key], let value = Double(text) { return value }
    }
    return nil
  }

  /// Returns the scaling that the product states for the band that a file is named for.
  private func scaling(of file: RasterFile) -> StoredScaling? {
    guard !stated.isEmpty else { return nil }
    let stem = URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent
    let words = stem.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let name = words.last { sensor.bandIndex(matching: $0) != nil }
    return name.flatMap { stated[Sensor.normalised($0)] }
  }
}
