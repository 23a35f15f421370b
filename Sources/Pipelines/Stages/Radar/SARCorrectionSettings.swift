import Foundation
import Radar
import Rasters
import Settings

/// The settings by which radar products are brought onto the map.
struct SARCorrectionSettings: Sendable {
  /// The rasters of heights; nil of the method that needs none.
  let dem: URL?
  /// The raster of the geoid's heights; nil where heights are above the ellipsoid.
  let geoid: URL?
  private let quantity: Backscatter
  private let removesNoise: Bool
  /// Metres; nil for the image's own.
  let resolution: Double?
  /// The system as it is written; nil for UTM.
  private let system: String?
  private let mask: [HiddenTerrain]
  /// Whether the angle between the line of sight and the ground is written, too.
  let wantsIncidence: Bool
  /// Whether scenes become products.
  let keep: Bool

  private enum Method: String, CaseIterable { case terrain, grid }
  private enum Reference: String, CaseIterable { case ellipsoid, geoid }
  private enum Noise: String, CaseIterable { case remove, keep }

  init(_ settings: SettingsReader) {
    let method = settings.choice(
      "method", of: Method.self, default: .terrain,
      "how places are found: by range and Doppler over the heights of 'dem', or through the coarse grid of the product, "
        + "which knows heights every few kilometres only")
    dem = settings.optionalPath(
      "dem",
      "heights of the ground: a raster, or a directory of rasters, in any system; needed for 'method: terrain'"
    )
    let heights = settings.optionalWord(
      "heights", of: Reference.allCases.map(\.rawValue),
      "what the heights of 'dem' are above; those of Copernicus and SRTM are above the geoid; needed with 'dem'"
    )
    geoid = settings.optionalPath(
      "geoid", "a raster of the geoid's heights above the ellipsoid in metres; needed for 'heights: geoid'")
    removesNoise =
      settings.choice(
        "noise", of: Noise.self, default: .remove, "whether the receiver's noise is taken off the power")
      == .remove
    quantity = settings.choice(
      "quantity", of: Backscatter.self, default: .sigma0,
      "backscatter per area on the ground, or across the line of sight; both of a flat earth")
    resolution = settings.metres(
      "resolution", "the size of a pixel (10m); that of the product's pixels without it")
    system = settings.optionalString(
      "crs", matching: "\\S.*", like: "EPSG:32632",
      "the system of the map, a projected one; UTM of the product's middle without it")
    let isTerrain = method == .terrain
    mask = settings.choices(
      "mask", of: HiddenTerrain.self, default: HiddenTerrain.allCases,
      "ground without a signal of its own that becomes no data")
    wantsIncidence = settings.bool(
      "incidence", default: false,
      "whether the angle between the line of sight and the ground's normal is written beside the scene")
    keep = settings.bool(
      "keep", default: true, "whether scenes become products; they lie in cache/ without it")
    if isTerrain && dem == nil && !settings.has("dem") {
      settings.problem("dem", with: "method", "'method: terrain' needs the heights of the ground: 'dem'")
    }
    if !isTerrain {
      for key in ["dem", "heights", "geoid", "mask", "incidence"] where settings.has(key) {
        settings.problem(key, with: "method", "'\(key)' counts for 'method: terrain' only")
      }
    } else if settings.has("dem") && !settings.has("heights") {
      settings.problem(
        "heights", with: "dem",
        "say what the heights of 'dem' are above: 'heights: ellipsoid', or 'heights: geoid' with 'geoid'")
    }
    if heights == Reference.geoid.rawValue && !settings.has("geoid") {
      settings.problem("geoid", with: "heights", "'heights: geoid' needs a raster of the geoid: 'geoid'")
    }
    if heights == Reference.ellipsoid.rawValue && settings.has("geoid") {
      settings.problem("geoid", with: "heights", "'geoid' counts for 'heights: geoid' only")
    }
    if keep == false && wantsIncidence {
      settings.problem("incidence", with: "keep", "'incidence' is a product: it needs 'keep: true'")
    }
  }

  /// Returns what of them cannot be, without a look at any product.
  var problems: [String] {
    do throws(RasterError) {
      let crs = try crs
      if let crs, crs.metresPerUnit == nil {
        return ["'crs: \(crs)' has no size of pixels in metres: it is not projected, or as Mercator is"]
      }
      // Of files that are not there the reader has said so.
      let files = [dem, geoid].compactMap(\.self)
      if files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) { _ = try ground }
      return []
    } catch {
      return ["\(error)"]
    }
  }

  /// The system of the map; nil for UTM of each product's middle.
  var crs: CRS? {
    get throws(RasterError) {
      guard let system else { return nil }
      return try CRS(system)
    }
  }

  /// The heights; nil of the method that needs none.
  private var ground: GroundHeights? {
    get throws(RasterError) {
      guard let dem else { return nil }
      let model = try ElevationModel(dem.path)
      guard let geoid else { return GroundHeights(model) }
      return GroundHeights(model, geoid: try ElevationModel(geoid: geoid.path))
    }
  }

  /// Returns the options of a correction; heights are opened for it.
  var options: RadarCorrection.Options {
    get throws(RasterError) {
      var options = RadarCorrection.Options(method: .grid)
      if let ground = try ground { options.method = .terrain(ground) }
      options.quantity = quantity
      options.removesNoise = removesNoise
      options.resolution = resolution
      options.crs = try crs
      options.mask = dem == nil ? [] : Set(mask)
      options.wantsIncidence = wantsIncidence
      return options
    }
  }
}
