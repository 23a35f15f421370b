import CGDAL
import Foundation

/// The place that a raster without a position states for its pixels: control points, rational functions or
/// arrays.
///
/// Each states a place, though none that a map could be laid on as it is: two rasters with different ones do
/// not show the same ground because their sizes agree.
public struct Geolocation: Hashable, Sendable, CustomStringConvertible {
  /// A place on the map of a position among the pixels.
  public struct ControlPoint: Hashable, Sendable {
    /// Columns and rows from the outer corner of the first pixel.
    public let column, row: Double
    /// Map coordinates and height.
    public let x, y, z: Double

    /// Creates a control point.
    public init(column: Double, row: Double, x: Double, y: Double, z: Double = 0) {
      (self.column, self.row, self.x, self.y, self.z) = (column, row, x, y, z)
    }
  }

  /// The ground control points.
  public var controlPoints: [ControlPoint]
  /// The system of their map coordinates.
  public var crs: CRS?
  /// The coefficients of rational functions, by GDAL's names of the domain RPC.
  public var rationalFunctions: [String: String]
  /// The places of coordinate arrays, by GDAL's names of the domain GEOLOCATION.
  public var arrays: [String: String]

  /// Control points of a system, and nothing else.
  public init(controlPoints: [ControlPoint], crs: CRS?) {
    (self.controlPoints, self.crs, rationalFunctions, arrays) = (controlPoints, crs, [:], [:])
  }

  /// The kinds that there are: "9 ground control points".
  public var description: String {
    var kinds: [String] = []
    if !controlPoints.isEmpty { kinds.append("\(controlPoints.count) ground control points") }
    if !rationalFunctions.isEmpty { kinds.append("rational functions (RPC)") }
    if !arrays.isEmpty { kinds.append("geolocation arrays") }
    return "none, but \(kinds.joined(separator: ", "))"
  }

  /// The sentence in which a run tells of a scene that has a geolocation and no position.
  package var note: String {
    if !controlPoints.isEmpty {
      return "it has control points only; its maps carry them and have no position"
    }
    return rationalFunctions.isEmpty
      ? "it has geolocation arrays only; its maps have no position"
      : "it has rational functions (RPC) only; its maps carry them and have no position"
  }

  /// Returns the geolocation of a part of the raster.
  package func forWindow(_ window: Window) -> Geolocation {
    var part = self
    part.controlPoints = controlPoints.map {
      ControlPoint(
        column: $0.column - Double(window.column), row: $0.row - Double(window.row), x: $0.x, y: $0.y, z: $0.z
      )
    }
    for (name, shift) in [("SAMP_OFF", window.column), ("LINE_OFF", window.row)] where shift != 0 {
      if let offset = rationalFunctions[name].flatMap(Double.init) {
        part.rationalFunctions[name] = "\(offset - Double(shift))"
      }
    }
    for (name, shift) in [("PIXEL_OFFSET", window.column), ("LINE_OFFSET", window.row)] where shift != 0 {
      part.arrays[name] = "\((arrays[name].flatMap(Double.init) ?? 0) - Double(shift))"
    }
    return part
  }
}

extension Geolocation {
  /// Reads the geolocation that a file states; nil where it states none.
  ///
  /// - Parameter path: paths of arrays start where the file lies.
  package init?(of dataset: GDALDatasetH, path: String) {
    let object = GDALMajorObjectH(dataset.rawValue)
    let count = Int(GDALGetGCPCount(dataset))
    controlPoints =
      GDALGetGCPs(dataset).map { points in
        (0..<count).map {
          let point = points[$0]
          return ControlPoint(
            column: point.dfGCPPixel, row: point.dfGCPLine, x: point.dfGCPX, y: point.dfGCPY, z: point.dfGCPZ)
        }
      } ?? []
    crs = controlPoints.isEmpty ? nil : CRS(borrowing: GDALGetGCPSpatialRef(dataset))
    rationalFunctions = StringList.pairs(of: GDALGetMetadata(object, "RPC"))
    arrays = StringList.pairs(of: GDALGetMetadata(object, "GEOLOCATION"))
    for name in ["X_DATASET", "Y_DATASET"] {
      guard let place = arrays[name], !place.hasPrefix("/") else { continue }
      arrays[name] = URL(fileURLWithPath: path).deletingLastPathComponent().path + "/" + place
    }
    if controlPoints.isEmpty && rationalFunctions.isEmpty && arrays.isEmpty { return nil }
  }

  /// Writes control points and rational functions; false where GDAL could not. Arrays lie in other files and
  /// are not taken along.
  ///
  /// - Parameter writable: gives the system that is written in the place of one.
  func set(on dataset: GDALDatasetH, as writable: (SpatialReference) -> SpatialReference) -> Bool {
    if !rationalFunctions.isEmpty {
      let items = rationalFunctions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let done = StringList.with(items) {
        GDALSetMetadata(GDALMajorObjectH(dataset.rawValue), $0.mutable, "RPC") == CE_None
      }
      guard done else { return false }
    }
    guard !controlPoints.isEmpty else { return true }
    return "".withCString { empty in
      let text = UnsafeMutablePointer(mutating: empty)
      let points = controlPoints.map {
        GDAL_GCP(
          pszId: text, pszInfo: text, dfGCPPixel: $0.column, dfGCPLine: $0.row, dfGCPX: $0.x, dfGCPY: $0.y,
          dfGCPZ: $0.z)
      }
      let reference = crs.flatMap { SpatialReference(wkt: $0.wkt) }.map(writable)
      return withExtendedLifetime(reference) {
        GDALSetGCPs2(dataset, Int32(points.count), points, reference?.handle) == CE_None
      }
    }
  }
}
