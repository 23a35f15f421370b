import CGDAL
import Foundation
import Host

/// One vector file, opened for reading.
final class VectorFile {
  private let dataset: Dataset
  private let package: GeoPackage?
  private let path: String
  /// Whether the file is GeoJSON that says no coordinate reference system, so that it is in degrees by
  /// definition.
  let isUndeclaredGeoJSON: Bool

  /// Opens a file by the driver that its name asks for, after a look at what the driver would follow
  /// elsewhere.
  package init(path: String) throws(RasterError) {
    self.path = path
    let file = try InputPath.checkedFile(path, to: "open the vector file")
    let flags = GDAL_OF_VECTOR | GDAL_OF_READONLY
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "gpkg":
      let package = try GeoPackage(path: path)
      self.package = package
      isUndeclaredGeoJSON = false
      dataset = try Dataset.open(
        package.readable, flags: flags, drivers: ["GPKG"],
        options: ["LIST_ALL_TABLES=NO", "IMMUTABLE=YES"], attempted: "open the vector file")
    case "shp":
      (package, isUndeclaredGeoJSON) = (nil, false)
      try Self.checkParts(of: file, path: path)
      dataset = try Dataset.open(
        path, flags: flags, drivers: ["ESRI Shapefile"], attempted: "open the vector file")
    default:
      package = nil
      isUndeclaredGeoJSON = try !GeoJSONScreen(path: file).hasCRS
      dataset = try Dataset.open(path, flags: flags, drivers: ["GeoJSON"], attempted: "open the vector file")
    }
  }

  /// Refuses a shapefile that lacks one of its parts: it is three files at least, and its projection is one
  /// more.
  private static func checkParts(of file: String, path: String) throws(RasterError) {
    let parts = try InputFiles.behind(file).map { URL(fileURLWithPath: $0) }
    let missing = ["shx", "dbf"].filter { kind in !parts.contains { $0.pathExtension.lowercased() == kind } }
    guard missing.isEmpty else {
      throw RasterError(
        .unreadable, "open the vector file", path: path,
        cause: missing.map { "its .\($0)" }.joined(separator: " and ").replacing("and its", with: "and")
          + (missing.count > 1 ? " are missing" : " is missing"))
    }
    guard let projection = parts.first(where: { $0.pathExtension.lowercased() == "prj" }) else { return }
    let text: String
    do throws(SystemError) {
      text = String(decoding: try RegularFile.contents(of: projection.path, limit: 1 << 20), as: UTF8.self)
    } catch {
      throw RasterError(error, "read the coordinate reference system")
    }
    guard text.utf8.count <= CRSDefinition.longest else {
      throw RasterError(
        .noCRS, "read the coordinate reference system", path: projection.path,
        cause: "it is longer than \(CRSDefinition.longest) bytes")
    }
    if let outside = CRSDefinition.outsideFile(in: text) {
      throw RasterError(
        .noCRS, "read the coordinate reference system", path: projection.path,
        cause: CRSDefinition.refusal(naming: outside))
    }
  }

  /// The layers with geometries, in the order of the file; views of a GeoPackage are none.
  var layers: [VectorLayer] { allLayers.filter { $0.hasGeometry && !isComputed($0.name) } }

  private var allLayers: [VectorLayer] {
    (0..<GDALDatasetGetLayerCount(dataset.handle)).compactMap { [dataset] index in
      GDALDatasetGetLayer(dataset.handle, index).map { VectorLayer($0, of: dataset, path: path) }
    }
  }

  private func isComputed(_ name: String) -> Bool { package?.computed[name.lowercased()] != nil }

  /// The phrase that says what a file without layers has instead.
  private var absence: String {
    let computed = allLayers.map(\.name).compactMap { name in
      package?.computed[name.lowercased()].map { "'\(name)' \($0)" }
    }
    return computed.isEmpty ? "it has none" : computed.joined(separator: ", ") + "; export it to a table"
  }

  /// Returns the layer of a name, or the only one that has geometries.
  ///
  /// - Parameter needsGeometry: whether tables without geometries are no layers.
  /// - Throws: `badField` listing the layers; `unsupported` for one that is computed.
  func layer(named name: String?, needsGeometry: Bool = true) throws(RasterError) -> VectorLayer {
    let layers = needsGeometry ? layers : allLayers.filter { !isComputed($0.name) }
    let names =
      layers.isEmpty ? absence : "its layers are \(layers.map(\.name).joined(separator: ", "))"
    if let name {
      if let layer = layers.first(where: { $0.name == name }) { return layer }
      if isComputed(name) {
        throw RasterError(
          .unreadable, "read the layer '\(name)'", path: path,
          cause: "it is a view or has computed columns, which nothing bounds; export it to a table")
      }
      let isThere = allLayers.contains { $0.name == name }
      throw RasterError(
        .badField, "find the layer '\(name)'", path: path,
        cause: isThere ? "it is a table without geometries; \(names)" : names)
    }
    guard layers.count == 1, let only = layers.first else {
      throw RasterError(
        .badField, "choose a layer", path: path,
        cause: layers.isEmpty
          ? absence : "say with 'layer' which of \(layers.map(\.name).joined(separator: ", "))")
    }
    return only
  }
}
