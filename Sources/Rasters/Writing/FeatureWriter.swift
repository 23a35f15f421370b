import Foundation

/// Writes features, polygons with the values of their fields, as a GeoPackage or a CSV.
///
/// The same features give the same bytes. A file that is not closed is removed: what is there is whole. A
/// writer belongs to one thread at a time.
package final class FeatureWriter {
  /// The writer of one format.
  private let output: any FeatureOutput
  private let fields: [FeatureField]
  private let path: String
  private var isClosed = false

  /// Creates the file, replacing one that is there.
  ///
  /// - Parameters:
  ///   - path: ends in `.gpkg` for a GeoPackage, in `.csv` for a CSV (RFC 4180), whose first row names the
  ///     fields.
  ///   - layer: what the layer of a GeoPackage is called.
  ///   - crs: what the polygons' coordinates are in; nil where nobody knows.
  ///   - fields: at least one, with names of their own.
  /// - Throws: `cannotCreate`, `diskFull` or `inputOutput` naming the path.
  package init(path: String, layer: String, crs: CRS?, fields: [FeatureField]) throws(RasterError) {
    precondition(
      !fields.isEmpty && Set(fields.map { $0.name.lowercased() }).count == fields.count, "fields \(fields)")
    (self.path, self.fields) = (path, fields)
    try InputPath.refuseVirtual(path, to: "create the features")
    do throws(RasterError) {
      switch URL(fileURLWithPath: path).pathExtension.lowercased() {
      case "gpkg": output = try VectorLayerWriter(geoPackage: path, layer: layer, crs: crs, fields: fields)
      case "csv": output = try FeatureTable(path: path, fields: fields)
      case let kind: preconditionFailure("features in a '.\(kind)' file")
      }
    } catch {
      unlink(path)
      throw error
    }
  }

  deinit { if !isClosed { unlink(path) } }

  /// Writes a feature.
  ///
  /// - Parameters:
  ///   - polygon: the corners of its outline in map coordinates, of which the last need not repeat the first;
  ///     nil where it has no place. A CSV has the fields only.
  ///   - values: a value of its kind for each field; nil for none.
  /// - Throws: `diskFull` or `inputOutput` naming the path.
  package func add(_ polygon: [(x: Double, y: Double)]?, values: [FeatureValue?]) throws(RasterError) {
    precondition(
      values.count == fields.count && zip(values, fields).allSatisfy { $0 == nil || $0?.kind == $1.kind },
      "\(values) for \(fields)")
    try output.add(polygon, values: values)
  }

  /// Finishes the file.
  ///
  /// - Throws: `diskFull`, `inputOutput` or `notVerified` naming the path.
  package func close() throws(RasterError) {
    try output.close()
    isClosed = true
  }
}

@available(*, unavailable)
extension FeatureWriter: Sendable {}

/// Writes features in one format.
protocol FeatureOutput {
  func add(_ polygon: [(x: Double, y: Double)]?, values: [FeatureValue?]) throws(RasterError)
  func close() throws(RasterError)
}
