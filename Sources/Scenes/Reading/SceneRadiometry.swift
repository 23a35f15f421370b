import Foundation
import Rasters

/// The rules by which the stored numbers of a scene's bands become physical values: the file's, the product
/// metadata's or the sensor's.
struct SceneRadiometry {
  private let sensor: Sensor
  /// The statements of the product about its bands, by their normalised names.
  private let stated: [String: StatedBand]
  /// The bands that the product's rules of naming tell.
  private let assets: [BandAsset]
  /// Decibels for a tenfold number, where the product's numbers are to become decibels.
  private let decibelsPerDecade: Double?
  /// The product's metadata file; nil where there is none.
  private let metadataFile: String?
  /// The user's statement about the numbers; nil where there is none.
  private let written: WrittenNumbers?

  /// - Parameter written: the user's statement about the numbers.
  /// - Throws: what reading the product's metadata throws: without it, offsets would be taken for 0, unless the
  ///   user states one.
  package init(sensor: Sensor, source: SceneSource, written: WrittenNumbers? = nil) throws(RasterError) {
    self.sensor = sensor
    metadataFile = source.metadata?.files.first
    assets = source.bands
    let backscatter = sensor.convertsBackscatter ? source.product?.backscatter : nil
    decibelsPerDecade = backscatter?.decibelsPerDecade
    self.written = written
    do throws(RasterError) { stated = try source.metadata?.statedBands(for: sensor) ?? [:] } catch {
      guard written?.offset != nil else { throw error }
      stated = [:]
    }
  }

  /// Returns the rule for one band: numbers that terrane has written in a unit are what they are; else the
  /// user's statement wins over all others.
  ///
  /// - Throws: as ``statedDecoding(of:in:)``, unless the user states what was not found; `unsupported` where
  ///   terrane has written the file in another unit than the sensor's.
  func decoding(of band: RasterBand, in file: RasterFile) throws(RasterError) -> ValueDecoding {
    if let unit = file.metadata[SceneOrigin.unitItem] {
      guard unit == sensor.unit || sensor.name == Sensor.customName else {
        throw RasterError(
          .unsupported, "read the scene as \(sensor.name)", path: file.path,
          cause: "its values are \(unit) by its item \(SceneOrigin.unitItem), not \(sensor.unit)")
      }
      return band.decoding
    }
    if let type = sensor.storedType, band.dataType != type {
      throw RasterError(
        .unsupported, "read the scene as \(sensor.name)", path: file.path,
        cause:
          "band \(band.index) is of type \(band.dataType), \(sensor.name) is stored as \(type); 'sensor: custom' takes numbers as they are"
      )
    }
    guard let written else { return try statedDecoding(of: band, in: file) }
    var decoding: ValueDecoding
    do throws(RasterError) { decoding = try statedDecoding(of: band, in: file) } catch {
      guard written.offset != nil else { throw error }
      decoding = band.decoding
      decoding.decibelsPerDecade = decibelsPerDecade
      decoding.squaresWithSign = sensor.squaresWithSign
      let stated = statement(about: band, in: file)
      decoding.saturated = stated?.saturated
      decoding.noData = decoding.noData ?? stated?.noData
      decoding.scale = sensor.scale
    }
    decoding.scale = written.scale ?? decoding.scale
    decoding.offset = written.offset ?? decoding.offset
    decoding.noData = written.noData ?? decoding.noData
    if sensor.squaresWithSign, decoding.noData != sensor.noData {
      // The sensor's own number is no value whatever is written besides.
      decoding.saturated = sensor.noData
    }
    return decoding
  }

  /// Returns the rule for one band as product, file and sensor state it: the product's statements win over the
  /// file's own scale and offset, those over the sensor's; those of a sensor that has none are the product's.
  ///
  /// - Throws: `unsupported` where the sensor has no scaling and nothing else states one, where the product
  ///   and the file contradict each other, and where the numbers of a Sentinel-2 product carry an offset that
  ///   nothing states.
  private func statedDecoding(of band: RasterBand, in file: RasterFile) throws(RasterError) -> ValueDecoding {
    let stated = statement(about: band, in: file)
    var decoding = band.decoding
    decoding.decibelsPerDecade = decibelsPerDecade
    decoding.squaresWithSign = sensor.squaresWithSign
    decoding.saturated = stated?.saturated
    if sensor.squaresWithSign, decoding.noData != nil, decoding.noData != sensor.noData {
      // The number is no value whatever the file says besides.
      decoding.saturated = sensor.noData
    }
    if decoding.noData == nil {
      decoding.noData = stated?.noData ?? sensor.noData.flatMap { $0 == 0 ? nil : $0 }
    }
    let own = ownScaling(of: band, in: file)
    if let doubt = stated?.doubt {
      throw RasterError(
        .unsupported, "find scale and offset", path: file.path,
        cause:
          "\(metadataFile.map { "\($0): " } ?? "")\(doubt); an entry of the pipeline's data may say 'offset'")
    }
    if let scaling = stated?.scaling {
      if let own, !own.agrees(with: scaling) {
        throw RasterError(
          .unsupported, "find scale and offset", path: file.path,
          cause: "the file says \(own), \(metadataFile ?? "its product") \(scaling)")
      }
      (decoding.scale, decoding.offset) = (scaling.scale, scaling.offset)
      return decoding
    }
    if let own {
      (decoding.scale, decoding.offset) = (own.scale, own.offset)
      return decoding
    }
    guard !sensor.scalesByProduct else {
      throw RasterError(
        .unsupported, "find scale and offset", path: file.path,
        cause: metadataFile.map { "\($0) states none for this band" }
          ?? "'\(sensor.name)' takes them from the product's _MTL.txt, and there is none beside it")
    }
    if metadataFile == nil, sensor.name.hasPrefix("sentinel-2"),
      let doubt = Sentinel2Images.offsetDoubt(ofImage: file.path)
    {
      throw RasterError(.unsupported, "find scale and offset", path: file.path, cause: doubt)
    }
    (decoding.scale, decoding.offset) = (sensor.scale, sensor.offset)
    return decoding
  }

  /// Returns the scaling that the file itself states for a band, or the offset that it states to the sensor's;
  /// nil where it states none.
  private func ownScaling(of band: RasterBand, in file: RasterFile) -> StoredScaling? {
    if band.hasOwnScaling { return StoredScaling(scale: band.scale, offset: band.offset) }
    guard !sensor.scalesByProduct, let added = addedOffset(band, file) else { return nil }
    return StoredScaling(scale: sensor.scale, offset: sensor.offset + added * sensor.scale)
  }

  /// Returns the offset that the band or its file adds to stored numbers; nil where neither names one.
  private func addedOffset(_ band: RasterBand, _ file: RasterFile) -> Double? {
    for key in ["BOA_ADD_OFFSET", "RADIO_ADD_OFFSET"] {
      if let text = band.metadata[key] ?? file.metadata[key], let value = Double(text) { return value }
    }
    return nil
  }

  /// Returns what the product states of a band, which its rules of naming tell, or a part of the file's name.
  private func statement(about band: RasterBand, in file: RasterFile) -> StatedBand? {
    if let asset = assets.first(where: { $0.file == file.path && ($0.index ?? band.index) == band.index }) {
      // A user's own sensor takes numbers as they are.
      if let own = asset.stated { return sensor.name == Sensor.customName ? own.withoutScaling : own }
      return stated[Sensor.normalised(asset.name)]
    }
    guard !stated.isEmpty else { return nil }
    let stem = URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent
    let words = stem.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let name = words.last { sensor.bandIndex(matching: $0) != nil }
    return name.flatMap { stated[Sensor.normalised($0)] }
  }
}

extension StatedBand {
  /// The statements without the rule by which numbers become physical.
  fileprivate var withoutScaling: StatedBand { StatedBand(noData: noData, saturated: saturated) }
}
