import Foundation
import Host
import Rasters

/// Products of the Harmonized Landsat and Sentinel-2 data, version 2: one file a band, each with the product's
/// name, in a directory of their own or among others.
struct HarmonizedFiles: ProductReader {
  var gathers: Bool { true }

  func recognises(_ place: SceneListing) -> Bool {
    place.isDirectory
      ? place.names.contains { HarmonizedName($0)?.layer != nil } : HarmonizedName(place.name) != nil
  }

  func open(_ place: SceneListing) -> [SceneSource]? {
    guard place.isDirectory else {
      guard place.isNamed, let name = HarmonizedName(place.name), let band = name.band else { return nil }
      return [
        SceneSource(
          name: URL(fileURLWithPath: place.path).deletingPathExtension().lastPathComponent, path: place.path,
          files: [place.path],
          bands: [BandAsset(name: band, file: place.path)], metadata: HarmonizedMetadata(name: name))
      ]
    }
    let images = place.visible.compactMap(\.name).compactMap { file in
      HarmonizedName(file).flatMap { $0.layer == nil ? nil : (file: file, name: $0) }
    }
    return Dictionary(grouping: images, by: \.name.product).sorted { $0.key < $1.key }.map {
      product, images in
      let paths = images.map { (path: place.path + "/" + $0.file, name: $0.name) }
      let files = paths.map(\.path)
      return SceneSource(
        name: product, path: place.path, part: product, files: files,
        bands: paths.compactMap { image in image.name.band.map { BandAsset(name: $0, file: image.path) } },
        masks: paths.filter { $0.name.layer == "Fmask" }.map { MaskAsset($0.path, .harmonized) },
        metadata: HarmonizedMetadata(name: images[0].name), refusal: place.refusal(of: files))
    }
  }
}
