import Foundation
import Host
import Rasters

/// Pictures of PlanetScope: one file of all bands, with the mask `udm2` and a description beside it, in the
/// directory of an order or among others.
struct PlanetScopeFiles: ProductReader {
  var gathers: Bool { true }

  func recognises(_ place: SceneListing) -> Bool {
    place.isDirectory
      ? place.names.contains { PlanetScopeName($0) != nil } : PlanetScopeName(place.name) != nil
  }

  /// Returns each picture of a directory: of one that lies there as surface reflectance and as radiance or for
  /// the eye, the first.
  func open(_ place: SceneListing) -> [SceneSource]? {
    guard place.isDirectory else {
      guard place.isNamed, let name = PlanetScopeName(place.name), name.content != .accessory else {
        return nil
      }
      return [picture(place.path, name)]
    }
    let files = place.visible.compactMap(\.name).compactMap { file in
      PlanetScopeName(file).map { (path: place.path + "/" + file, name: $0) }
    }
    let groups = Dictionary(grouping: files.filter { $0.name.content != .accessory }, by: \.name.item)
    return groups.sorted { $0.key < $1.key }.flatMap { _, pictures in
      let reflectance = pictures.filter { $0.name.product?.sensors.isEmpty == false }
      return (reflectance.isEmpty ? Array(pictures.prefix(1)) : reflectance).map { picture($0.path, $0.name) }
    }
  }

  private func picture(_ path: String, _ name: PlanetScopeName) -> SceneSource {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let beside = { (file: String) in directory + "/" + name.item + file }
    let udm2 = (name.isClipped ? ["_3B_udm2_clip.tif"] : []) + ["_3B_udm2.tif", "_3B_udm2_clip.tif"]
    let mask = udm2.map(beside).first(where: InputPath.isThere)
    let description = ["_3B_metadata.json", "_metadata.json"].map(beside).first(where: InputPath.isThere)
    return SceneSource(
      name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, path: path, files: [path],
      masks: mask.map(Self.masks) ?? [], metadata: PlanetScopeMetadata(name: name, file: description),
      product: name.product,
      refusal: SceneListing.refusal(of: [path, mask].compactMap(\.self), in: directory))
  }

  /// The masks of `udm2`. Since version 2.1 there is one haze, in band 4, and band 5 is empty.
  ///
  /// - Source: Planet, Usable Data Masks 2.1.
  private static func masks(_ file: String) -> [MaskAsset] {
    let flags: [(Int, MaskWords)] = [(2, .snow), (3, .shadow), (4, .haze), (5, .lowCloud), (6, .cloud)]
    return flags.map { MaskAsset(file, index: $0.0, .flag($0.1)) } + [
      MaskAsset(file, index: 8, .planetUnusable)
    ]
  }
}

extension PlanetScopeName {
  /// The product that the file is; nil of masks and descriptions.
  var product: ProductName? { ProductName(planetScope: content) }
}

/// The description of a picture of PlanetScope: its name, and `_metadata.json` where that lies beside it.
struct PlanetScopeMetadata: ProductMetadata {
  let name: PlanetScopeName
  let file: String?

  var files: [String] { [file].compactMap(\.self) }

  func delivery() throws(RasterError) -> Delivery {
    var delivery = Delivery(product: name.product)
    delivery.platform = "PlanetScope \(name.satellite)"
    (delivery.day, delivery.time) = (name.day, name.time)
    guard let file else { return delivery }
    let said = try MetadataJSON.decode(Description.self, from: file).properties
    delivery.cloudShare = said?.cloudPercent.map { $0 / 100 } ?? said?.cloudCover
    return delivery
  }

  /// Returns nothing: scale and no data are the sensor's.
  func statedBands(for sensor: Sensor) -> [String: StatedBand] { [:] }

  private struct Description: Decodable {
    struct Properties: Decodable {
      let cloudPercent, cloudCover: Double?

      enum CodingKeys: String, CodingKey {
        case cloudPercent = "cloud_percent"
        case cloudCover = "cloud_cover"
      }
    }

    let properties: Properties?
  }
}
