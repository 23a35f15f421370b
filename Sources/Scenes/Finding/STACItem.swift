import Foundation
import Rasters

/// An item of a catalogue as a scene: its assets that are rasters, what they hold and what is stated of it.
struct STACItem {
  let document: STACDocument
  let place: STACPlace
  /// The descriptions of assets that stand in the item's collection.
  let collection: [String: STACAsset]
  /// The product that it is; nil where its collection is not known.
  let product: ProductName?

  init(_ document: STACDocument, place: STACPlace, collection: [String: STACAsset]) {
    (self.document, self.place, self.collection) = (document, place, collection)
    product = ProductName(of: document)
  }

  /// The assets that are rasters, by key.
  private var rasters: [(key: String, asset: STACAsset)] {
    (document.assets ?? [:]).sorted { $0.key < $1.key }.filter(Self.isRaster)
      .map { (key: $0.key, asset: $0.value) }
  }

  /// Whether the collection says what an asset holds.
  var needsCollection: Bool {
    rasters.contains { key, asset in !asset.describesBands && collection[key]?.describesBands == true }
  }

  /// Returns whether an asset is a raster of measurements or a mask, no picture of one.
  private static func isRaster(_ key: String, _ asset: STACAsset) -> Bool {
    let pictures = ["thumbnail", "overview", "visual", "preview", "rendered_preview"]
    let roles = (asset.roles ?? []).map { $0.lowercased() }
    guard let href = asset.href, !pictures.contains(key.lowercased()),
      !roles.contains(where: pictures.contains)
    else { return false }
    if let type = asset.type { return type.lowercased().hasPrefix("image/") }
    return roles.contains("data") || SceneListing.isRaster(String(href.split(separator: "/").last ?? ""))
  }

  /// Returns the scene, refused where none of its rasters is to be read.
  func scene(name: String, path: String, part: String?, collection file: String?) -> SceneSource {
    let assets = rasters
    var files: [String: Result<String, RasterError>] = [:]
    for (key, asset) in assets {
      files[key] = Result { () throws(RasterError) in try place.file(asset.href ?? "", of: "asset '\(key)'") }
    }
    let bands = STACBands(self, assets, files)
    var delivery = delivery
    delivery.notes += bands.notes
    let masks = masks(of: assets, files, &delivery.notes)
    let reached = assets.compactMap { try? files[$0.key]?.get() }
    let absent = assets.compactMap { key, asset -> String? in
      guard case .failure(let error) = files[key], error.code == .notFound else { return nil }
      return asset.href
    }
    delivery.files = (assets.count, absent)
    var refusal: RasterError?
    if reached.isEmpty {
      refusal =
        assets.lazy.compactMap { key, _ in
          if case .failure(let error) = files[key] { error } else { nil }
        }.first
        ?? RasterError(
          .unreadable, "find the scene", path: place.file, cause: "none of its assets is a raster")
    }
    let sources = [place.file] + (needsCollection ? [file].compactMap(\.self) : [])
    return SceneSource(
      name: name, path: path, part: part, files: reached.isEmpty ? [place.file] : reached.eachOnce,
      bands: bands.assets, masks: masks, metadata: STACMetadata(files: sources, described: delivery),
      refusal: refusal)
  }

  /// Returns the masks of the product; a note for one that is not to be read.
  private func masks(
    of assets: [(key: String, asset: STACAsset)], _ files: [String: Result<String, RasterError>],
    _ notes: inout [String]
  ) -> [MaskAsset] {
    var masks: [MaskAsset] = []
    for (name, make) in product?.itemMasks ?? [] {
      let named = assets.first { key, asset in
        ([key] + [asset.bands?.first?.name, asset.oldBands?.first?.name].compactMap(\.self))
          .contains { Sensor.normalised($0) == Sensor.normalised(name) }
      }
      guard let named, let file = files[named.key] else { continue }
      switch file {
      case .success(let path): masks.append(make(path))
      case .failure(let error): notes.append("the mask is not read: \(error.cause ?? error.description)")
      }
    }
    return masks
  }
}

extension STACAsset {
  /// Whether it says which bands it holds.
  var describesBands: Bool { bands != nil || oldBands != nil }
}

extension ProductName {
  /// The masks that items of the product have, by the names of their assets.
  fileprivate var itemMasks: [(name: String, make: (String) -> MaskAsset)] {
    guard let sensor = sensors.first else { return [] }
    if sensor == Sensor.sentinel2L2A.name { return [("SCL", { MaskAsset($0, .sentinel2Classes) })] }
    if sensor.hasPrefix("hls-") { return [("Fmask", { MaskAsset($0, .harmonized) })] }
    guard sensor.hasPrefix("landsat-") else { return [] }
    return [
      ("qa_pixel", { MaskAsset($0, .landsatPixels) }), ("qa_radsat", { MaskAsset(landsatSaturation: $0) }),
    ]
  }
}

/// The description of a scene by an item of a catalogue.
struct STACMetadata: ProductMetadata {
  let files: [String]
  let described: Delivery

  func delivery() -> Delivery { described }

  /// Returns nothing: what is stated of each band stands with it.
  func statedBands(for sensor: Sensor) -> [String: StatedBand] { [:] }
}

extension [String] {
  /// The texts in their order, each once.
  fileprivate var eachOnce: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }
}
