import Foundation
import Rasters

/// The edition of a product: products of one acquisition are the same picture, processed or packed again.
public struct ProductEdition: Sendable {
  /// What all editions have in common: the satellite, the time or day, the ground, and the sensors that read
  /// them.
  public struct Acquisition: Sendable, Hashable {
    fileprivate let satellite: String
    fileprivate let time: String
    fileprivate let ground: String
    fileprivate let sensors: [String]
  }

  /// The picture that it shows.
  public let acquisition: Acquisition
  /// The version of the processing, in words: `N0509`, `collection 2, T1`.
  public let version: String
  /// The words of the name that tell editions of one version apart: the processing time or day.
  private let processed: String
  /// The numbers of the version, compared one by one.
  private let rank: [Int]
  /// Whether no file is missing that is needed.
  private let isComplete: Bool
  /// Whether it is a folder, not an archive of one.
  private let isFolder: Bool
  private let path: String

  /// Finds the edition of a scene; nil where it is no product, or where nothing says its satellite, time and
  /// ground.
  ///
  /// - Parameter isComplete: whether no file is missing that is needed.
  public init?(of scene: SceneSource, isComplete: Bool = true) {
    guard scene.refusal == nil, let product = scene.product, let parts = Self.parts(of: scene) else {
      return nil
    }
    acquisition = Acquisition(
      satellite: parts.satellite, time: parts.time, ground: parts.ground, sensors: product.sensors)
    (version, processed, rank) = (parts.version, parts.processed, parts.rank)
    self.isComplete = isComplete
    var isDirectory: ObjCBool = false
    isFolder =
      FileManager.default.fileExists(atPath: scene.path, isDirectory: &isDirectory)
      && isDirectory.boolValue
    path = scene.path
  }

  /// Returns whether it is to be taken, not another edition of the acquisition: one that is complete, of the
  /// higher version, processed later, as a folder.
  public func isBetter(than other: ProductEdition) -> Bool {
    if isComplete != other.isComplete { return isComplete }
    if rank != other.rank { return other.rank.lexicographicallyPrecedes(rank) }
    if processed != other.processed { return processed > other.processed }
    if isFolder != other.isFolder { return isFolder }
    return path < other.path
  }

  /// Says how it differs from the edition that is taken, and which that is.
  public func words(besides better: ProductEdition) -> String {
    let words =
      if version != better.version {
        "\(version) of the acquisition that is there in \(better.version)"
      } else if processed != better.processed {
        "\(version), processed \(processed), of the acquisition that is there as processed \(better.processed)"
      } else {
        "\(version) of the acquisition that is there as another file"
      }
    let names = [path, better.path].map { URL(fileURLWithPath: $0).lastPathComponent }
    return "\(words): \(names[0] == names[1] ? better.path : names[1])"
  }

  // MARK: - Names and metadata

  private typealias Parts = (
    satellite: String, time: String, ground: String, version: String, processed: String, rank: [Int]
  )

  private static func parts(of scene: SceneSource) -> Parts? {
    for name in [scene.name, scene.fileName] {
      if let parts = sentinel2(name) ?? landsat(name) { return parts }
    }
    guard let delivery = scene.delivery, let platform = delivery.platform, let ground = delivery.ground else {
      return nil
    }
    let isLandsat = platform.hasPrefix("Landsat")
    guard let time = isLandsat ? delivery.day?.description : delivery.time else { return nil }
    let version = delivery.version ?? ""
    let numbers = version.split { !$0.isNumber }.compactMap { Int($0) }
    if isLandsat {
      return (platform, time.filter(\.isNumber), ground, "collection \(version)", "", numbers + [1])
    }
    let isSentinel2 = platform.hasPrefix("Sentinel-2")
    return (
      isSentinel2 ? "S" + platform.suffix(2) : platform, time.filter(\.isNumber), ground,
      isSentinel2 ? "N" + version.filter(\.isNumber) : "version \(version)", "", numbers
    )
  }

  /// Reads `S2A_MSIL2A_20230614T102601_N0509_R108_T32UPU_20230614T165902`, and what may follow it: `.SAFE`.
  private static func sentinel2(_ name: String) -> Parts? {
    guard name.hasPrefix("S2") else { return nil }
    let pattern =
      /(S2[A-D])_MSIL(?:1C|2A)_(\d{8}T\d{6})_N(\d\d)(\d\d)_R\d{3}_(T\d\d[A-Z]{3})_(\d{8}T\d{6})(?:\.[A-Za-z.]*)?/
      .asciiOnlyDigits()
    guard let match = name.wholeMatch(of: pattern) else { return nil }
    return (
      String(match.1), match.2.filter(\.isNumber), String(match.5), "N\(match.3)\(match.4)", String(match.6),
      [Int(match.3)!, Int(match.4)!]
    )
  }

  /// Reads `LC08_L2SP_193026_20230614_20230622_02_T1`: real-time products come first, those of tier 1 and 2
  /// after days.
  private static func landsat(_ name: String) -> Parts? {
    guard name.hasPrefix("L") else { return nil }
    let pattern =
      /L[COTEM]0(\d)_L[12][A-Z]{2}_(\d{6})_(\d{8})_(\d{8})_(\d\d)_(RT|T1|T2)(?:\.[A-Za-z.]*)?/
      .asciiOnlyDigits()
    guard let match = name.wholeMatch(of: pattern) else { return nil }
    return (
      "Landsat \(match.1)", String(match.3), String(match.2), "collection \(Int(match.5)!), \(match.6)",
      String(match.4), [Int(match.5)!, match.6 == "RT" ? 0 : 1]
    )
  }
}
