import Foundation
import Rasters

/// The map of a correction: pixels of whole metres that lie on the same lines for all products of a system.
struct CorrectionGrid {
  let grid: Grid
  /// Metres of a pixel.
  let resolution: Double

  /// Pixels of a map, at most: those of a whole wide swath at 10 m are a hundredth of it.
  private static let mostPixels = 1 << 40

  /// - Parameters:
  ///   - resolution: metres; the spacing of the image's pixels without it.
  ///   - crs: UTM of the image's middle without it.
  ///   - path: of the product, for messages.
  /// - Throws: `noCRS` for a system without metres, or in which PROJ cannot place the image; `tooLarge`.
  init(
    _ image: ImageAnnotation, resolution: Double?, crs: CRS?, path: String
  ) throws(RasterError) {
    let middle = image.places.middle
    let system: CRS
    if let crs {
      system = crs
    } else {
      system = try Self.transverseMercator(longitude: middle.longitude, latitude: middle.latitude)
    }
    guard let unit = system.metresPerUnit else {
      throw RasterError(
        .noCRS, "lay out the map", path: path,
        cause: "\(system) has no size of pixels in metres: it is not projected, or as Mercator is")
    }
    self.resolution = resolution ?? max(1, image.geometry.sampleSpacing.rounded())
    let size = self.resolution / unit
    let projection = try MapProjection(from: CRS.epsg(4326), to: system, path: path)
    var (xs, ys) = (image.places.points.map(\.longitude), image.places.points.map(\.latitude))
    projection.apply(to: &xs, &ys)
    guard (xs + ys).allSatisfy(\.isFinite) else {
      throw RasterError(
        .noCRS, "lay out the map", path: path, cause: "\(system) does not reach all of the image")
    }
    // Ground that is higher or lower than at the points of the coarse grid lies beyond them.
    let heights = image.places.heights
    let margin = (200 + 1.8 * (heights.upperBound - heights.lowerBound)) / unit
    func down(_ value: Double) -> Double { (value / size).rounded(.down) }
    let (left, right) = (down(xs.min()! - margin), down(xs.max()! + margin) + 1)
    let (bottom, top) = (down(ys.min()! - margin), down(ys.max()! + margin) + 1)
    guard (right - left) * (top - bottom) < Double(Self.mostPixels), right - left < 0x1p30,
      top - bottom < 0x1p30
    else {
      throw RasterError(
        .tooLarge, "lay out the map", path: path,
        cause: "\(right - left) x \(top - bottom) pixels of \(self.resolution) m")
    }
    grid = Grid(
      width: Int(right - left), height: Int(top - bottom),
      transform: GeoTransform(originX: left * size, originY: top * size, pixelSize: size), crs: system)
  }

  /// Returns the zone of UTM, on WGS 84, around a place; polar stereographic beyond its limits.
  private static func transverseMercator(longitude: Double, latitude: Double) throws(RasterError) -> CRS {
    if latitude > 84 { return try .epsg(3413) }
    if latitude < -80 { return try .epsg(3031) }
    let turned = longitude - 360 * ((longitude + 180) / 360).rounded(.down)
    let zone = min(60, Int((turned + 180) / 6) + 1)
    return try .epsg((latitude >= 0 ? 32_600 : 32_700) + zone)
  }
}
