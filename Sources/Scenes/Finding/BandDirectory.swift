import Foundation
import Host
import Rasters

/// A scene in a directory with one file a band, of which only the sensor can tell which is which.
struct BandDirectory: ProductReader {
  func recognises(_ place: SceneListing) -> Bool {
    place.entries.contains { SceneListing.isRaster($0.visibleName) }
  }

  func open(_ place: SceneListing) throws(RasterError) -> SceneSource {
    let files = try place.rasters()
    let names = files.map { URL(fileURLWithPath: $0).lastPathComponent }
    return SceneSource(
      name: place.name, path: place.path, files: files, product: Self.product(place.name, names))
  }

  /// Returns the product that a directory is by its name, where its images bear that name, too; or that its
  /// images are by theirs.
  private static func product(_ directory: String, _ images: [String]) -> ProductName? {
    if let radar = ([directory] + images).lazy.compactMap(ProductName.init(radarTerrainCorrected:)).first {
      return radar
    }
    return images.contains { $0.hasPrefix(directory) } ? ProductName(in: directory) : nil
  }
}
