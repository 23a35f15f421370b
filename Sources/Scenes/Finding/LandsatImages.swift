import Foundation
import Rasters

/// The images of a Landsat product whose `_MTL.txt` is not there: what their names say.
struct LandsatImages: ProductMetadata {
  /// The name of an image.
  private let image: String
  /// Whether the images are surface reflectance on demand: `..._sr_band4.tif`.
  private let isOnDemand: Bool
  let files: [String] = []

  /// Creates the description by the names of files; nil where none is an image of a product, or they are of
  /// several.
  init?(among names: [String]) {
    let images = names.filter { Self.product(ofImage: $0) != nil }
    guard let image = images.first, Set(images.compactMap(Self.product)).count == 1 else { return nil }
    self.image = image
    isOnDemand = images.contains { $0.lowercased().contains("_sr_band") }
  }

  /// Returns the product in the name of an image, `LC08_L2SP_193026_20230614_20230622_02_T1`; nil of other
  /// files.
  static func product(ofImage name: String) -> Substring? {
    guard name.hasPrefix("L"), SceneListing.isRaster(name) else { return nil }
    return name.prefixMatch(
      of: /L[COTE]0[4-9]_L[12][A-Z]{2}_\d{6}_\d{8}_\d{8}_\d\d_(?:T1|T2|RT)(?=_)/.asciiOnlyDigits()
    )?.output
  }

  func delivery() -> Delivery {
    let satellite = image.prefix(4).suffix(1)
    let product = isOnDemand ? ProductName(landsatOnDemand: satellite) : ProductName(in: image)
    var delivery = Delivery(product: product, ground: Delivery.landsatGround(image))
    delivery.day = Acquisition(name: image)?.day
    delivery.platform = "Landsat \(satellite)"
    return delivery
  }

  /// Returns the numbers of surface reflectance on demand that are no measurement; other products' are the
  /// sensor's, or are stated in the file that is not there.
  func statedBands(for sensor: Sensor) -> [String: StatedBand] {
    guard isOnDemand else { return [:] }
    return LandsatMetadata.bandsOnDemand(for: sensor, of: delivery().product)
  }
}
