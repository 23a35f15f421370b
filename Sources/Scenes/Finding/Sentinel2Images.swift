import Foundation
import Rasters

/// The images of a Sentinel-2 product whose metadata file is not there: what their names and those of the
/// directories above them say.
struct Sentinel2Images: ProductMetadata {
  /// The path of an image.
  private let image: String
  let files: [String] = []

  /// Creates the description by the first image of a product among bands; nil where there is none.
  init?(among bands: [BandAsset]) {
    guard let image = bands.first(where: { Self.isImage($0.file) })?.file else { return nil }
    self.image = image
  }

  /// Returns whether a file bears the name of an image: `T32TQM_20170104T101402_B02_10m.jp2`.
  static func isImage(_ path: String) -> Bool { acquisition(ofImage: path) != nil }

  /// Returns whether images are among some names of files, all of one acquisition.
  static func areOfOne(_ names: [String]) -> Bool { Set(names.compactMap(acquisition)).count == 1 }

  /// Returns the tile and time in the name of an image; nil of other files.
  private static func acquisition(ofImage path: String) -> Substring? {
    let name = path.split(separator: "/").last ?? ""
    // Expressions are made for each name: most names are told apart without.
    guard name.hasPrefix("T"),
      let match = name.prefixMatch(of: /T\d\d[A-Z]{3}_\d{8}T\d{6}_/.asciiOnlyDigits()),
      let band = SAFEFolder.band(in: path), band.name == "SCL" || isBand(band)
    else { return nil }
    return match.output
  }

  private static func isBand(_ band: BandAsset) -> Bool {
    Sensor.sentinel2L1C.bandIndex(matching: band.name) != nil
  }

  func delivery() -> Delivery {
    let name = image.split(separator: "/").last.map(String.init) ?? image
    var delivery = Delivery(product: product, ground: Delivery.tile(name))
    delivery.day = Acquisition(name: name)?.day
    delivery.version = Self.baseline(above: image)
    return delivery
  }

  /// The level by the product's own name, else by that of the image, which has the size of its pixels at
  /// level 2A only; nil where neither says it.
  private var product: ProductName? {
    let named = image.split(separator: "/").reversed().lazy
      .compactMap { $0.firstMatch(of: /S2[A-D]_MSIL(1C|2A)_/)?.output.1 }.first
    if let named { return ProductName(sentinel2Level: named) }
    return SAFEFolder.band(in: image)?.metres == nil ? nil : ProductName(sentinel2Level: "2A")
  }

  /// Returns the numbers of pixels without data and of saturated ones, and of a baseline below 04.00 the
  /// scale; of later ones only the metadata file states the offset.
  func statedBands(for sensor: Sensor) -> [String: StatedBand] {
    guard sensor.name.hasPrefix("sentinel-2") else { return [:] }
    let isOld = Self.baseline(above: image).map { $0 < "04.00" } ?? false
    let stated = StatedBand(
      scaling: isOld ? StoredScaling(scale: sensor.scale, offset: 0) : nil, noData: 0, saturated: 65535)
    return Dictionary(uniqueKeysWithValues: sensor.bands.map { (Sensor.normalised($0.name), stated) })
  }

  /// Returns the processing baseline in the name of a directory or archive above an image, the nearest; nil
  /// where none says it.
  private static func baseline(above path: String) -> String? {
    path.split(separator: "/").dropLast().reversed().lazy
      .compactMap { $0.firstMatch(of: /_N(\d\d)(\d\d)(?:_|$)/.asciiOnlyDigits()) }
      .map { "\($0.output.1).\($0.output.2)" }.first
  }

  /// Says why the offset that the numbers of an image may carry is not known, as a clause; nil where it
  /// carries none, and of other files.
  static func offsetDoubt(ofImage path: String) -> String? {
    let baseline = baseline(above: path)
    if let baseline, baseline < "04.00" { return nil }
    let isInProduct = SAFEFolder.band(in: path) != nil && path.lowercased().contains(".safe/")
    guard isImage(path) || isInProduct else { return nil }
    let numbers =
      baseline.map { "numbers of baseline \($0) carry" }
      ?? "no name above it says its baseline; from 04.00 on numbers carry"
    return
      "\(numbers) an offset that \(Sentinel2Metadata.names.joined(separator: " or ")) states, and there is none in "
      + "the product: bring it, or state 'offset' (-0.1 for most) in an entry of 'data'"
  }
}
