import Foundation
import Host
import Rasters

/// A scene in a directory with one file a band, of which only the sensor can tell which is which.
struct BandDirectory: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.entries.contains { SceneListing.isRaster($0.visibleName) }
  }

  func open(_ place: SceneListing) throws(RasterError) -> [SceneSource]? {
    let files = try place.rasters()
    let names = files.map { URL(fileURLWithPath: $0).lastPathComponent }
    let product = Self.product(place.name, names)
    return [
      SceneSource(
        name: place.name, path: place.path, files: files,
        masks: product?.backscatter == nil
          ? [] : files.filter(Self.isRadarMask).map { MaskAsset($0, .operaRadar) },
        product: product)
    ]
  }

  /// Returns whether a file is the mask of layover and shadow of OPERA's products. What the codes of HyP3's
  /// `_ls_map` mean has not been verified: it is none.
  private static func isRadarMask(_ file: String) -> Bool {
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    return name.hasPrefix("OPERA_L2_RTC-S1_") && name.hasSuffix("_mask")
  }

  /// Returns the product that a directory is by its name, where its images bear that name, too; or that its
  /// images are by theirs.
  private static func product(_ directory: String, _ images: [String]) -> ProductName? {
    if let radar = ([directory] + images).lazy.compactMap(ProductName.init(radarTerrainCorrected:)).first {
      return radar
    }
    if images.contains(where: { $0.hasPrefix(directory) }) { return ProductName(in: directory) }
    let parts = images.filter { LandsatImages.product(ofImage: $0) != nil }
    let named = Set(parts.compactMap { ProductName(in: $0) })
    return named.count == 1 ? named.first : nil
  }
}
