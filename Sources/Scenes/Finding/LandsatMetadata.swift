import Rasters

/// The metadata file of a Landsat product, `<product>_MTL.txt`.
struct LandsatMetadata: ProductMetadata {
  let file: String
  /// The names in the directory, in lower case and without extensions.
  private let stems: Set<String>
  /// Whether any image is there.
  private let hasImages: Bool

  /// Creates the metadata file in a product's directory; nil where there is none, or only a link that leaves
  /// the directory, or no regular file.
  ///
  /// - Parameter product: the beginning of its name; any where nil.
  init?(in place: SceneListing, of product: String? = nil) {
    let names = place.names.filter { Self.isMetadata($0) && product.map($0.hasPrefix) ?? true }
    let file = names.map { place.path + "/" + $0 }
      .first { (try? InputPath.checkCompanion($0, to: "find the day")) != nil }
    guard let file else { return nil }
    self.file = file
    stems = Set(place.names.map(LandsatFields.stem))
    hasImages = place.names.contains(where: SceneListing.isRaster)
  }

  /// Returns whether a file of this name is one.
  static func isMetadata(_ name: String) -> Bool { name.hasSuffix("_MTL.txt") || name == "MTL.txt" }

  var files: [String] { [file] }

  /// Describes the product; of images that were made later of those that the file names, as surface
  /// reflectance on demand is, by what they are.
  func delivery() throws(RasterError) -> Delivery {
    let fields = LandsatFields(try MetadataText.contents(of: file))
    var delivery = fields.delivery
    if isOnDemand {
      delivery.product = fields.productOnDemand
    } else if !hasImages || fields.namesImages(among: stems) {
      delivery.files = fields.files(among: stems)
    } else {
      delivery.product = nil
    }
    return delivery
  }

  /// Returns the scalings to reflectance at the top of the atmosphere, for the sensors of it, and the numbers
  /// that stand for no measurement.
  func statedBands(for sensor: Sensor) throws(RasterError) -> [String: StatedBand] {
    let fields = LandsatFields(try MetadataText.contents(of: file))
    if isOnDemand {
      return Self.bandsOnDemand(for: sensor, of: fields.productOnDemand)
    }
    guard sensor.scalesByProduct else { return [:] }
    guard fields.namesImages(among: stems) else {
      throw RasterError(
        .unsupported, "find scale and offset", path: file,
        cause: "the images beside it are none that it names")
    }
    let saturated = fields.saturated
    return try fields.reflectance(day: fields.day, file: file).reduce(into: [:]) { bands, scaling in
      bands[scaling.key] = StatedBand(scaling: scaling.value, saturated: saturated)
    }
  }

  /// Returns the numbers of surface reflectance on demand that are no measurement; nothing for a sensor that
  /// does not read it.
  static func bandsOnDemand(for sensor: Sensor, of product: ProductName?) -> [String: StatedBand] {
    guard product?.sensors.contains(sensor.name) == true else { return [:] }
    let stated = StatedBand(noData: -9999, saturated: 20000)
    return Dictionary(uniqueKeysWithValues: (1...7).map { ("B\($0)", stated) })
  }

  /// Whether the images are surface reflectance on demand: `..._sr_band4.tif`.
  private var isOnDemand: Bool { stems.contains { $0.contains("sr_band") } }
}
