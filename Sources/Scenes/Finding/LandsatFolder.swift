import Foundation
import Rasters

/// The folder of a Landsat product: one file a band beside `<product>_MTL.txt`; or a directory to which
/// images of one product were copied.
struct LandsatFolder: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.names.contains(where: LandsatMetadata.isMetadata) || LandsatImages(among: place.names) != nil
  }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    let files = try place.rasters()
    return [
      SceneSource(
        name: place.name, path: place.path, files: files, bands: files.compactMap(Self.band),
        masks: files.compactMap(Self.mask),
        metadata: LandsatMetadata(in: place) ?? LandsatImages(among: place.names),
        refusal: Self.refusal(of: place))
    ]
  }

  /// Returns the refusal of images of several products, of which one metadata file says nothing.
  private static func refusal(of place: SceneListing) -> RasterError? {
    let products = Set(place.names.compactMap(LandsatImages.product)).sorted()
    guard products.count > 1 else { return nil }
    return RasterError(
      .unsupported, "find the scene", path: place.path,
      cause: "images of \(products.count) products lie in it (\(products.prefix(2).joined(separator: ", "))"
        + "\(products.count > 2 ? ", ..." : "")): give each a folder of its own")
  }

  /// Reads the band from the name of an image: `..._SR_B4.TIF`, `..._B8.TIF`, `..._B6_VCID_1.TIF`, and
  /// `..._sr_band4.tif` of surface reflectance on demand.
  static func band(_ file: String) -> BandAsset? {
    let stem = LandsatFields.stem(file)
    guard
      let match = stem.firstMatch(
        of: /(?:^|_)(?:sr_band|(?:sr_|st_)?b)(\d{1,2})(_vcid_\d)?$/.asciiOnlyDigits())
    else { return nil }
    // The two gains of ETM+'s thermal band; the second has the finer steps.
    guard match.2 != "_vcid_1" else { return nil }
    return BandAsset(name: "B\(match.1)", file: file)
  }

  /// Returns the mask that an image is by its name.
  static func mask(_ file: String) -> MaskAsset? {
    let stem = LandsatFields.stem(file)
    if stem.hasSuffix("qa_pixel") { return MaskAsset(file, .landsatPixels) }
    if stem.hasSuffix("pixel_qa") { return MaskAsset(file, .landsatOnDemand) }
    if stem.hasSuffix("bqa") { return MaskAsset(file, .landsatCollection1) }
    if stem.hasSuffix("qa_radsat") { return MaskAsset(landsatSaturation: file) }
    guard stem.hasSuffix("radsat_qa") else { return nil }
    // Of surface reflectance on demand bit 0 is fill, and bit n band n.
    let bits = Dictionary(uniqueKeysWithValues: (1...9).map { ("B\($0)", $0) })
    return MaskAsset(file, .landsatSaturationOnDemand, saturationBits: bits)
  }
}
