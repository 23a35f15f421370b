import CGDAL
import Host

/// One vector file, opened for reading.
final class VectorFile {
  private let dataset: Dataset
  private let path: String

  init(path: String) throws(RasterError) {
    self.path = path
    dataset = try Dataset.open(
      path, flags: GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers: GDALLibrary.vectorDrivers,
      attempted: "open the vector file")
  }

  /// The layer of a name, or the only one.
  ///
  /// - Throws: `badField` listing the layers.
  func layer(named name: String?) throws(RasterError) -> VectorLayer {
    let layers = (0..<GDALDatasetGetLayerCount(dataset.handle)).compactMap { [dataset] index in
      GDALDatasetGetLayer(dataset.handle, index).map { VectorLayer($0, of: dataset, path: path) }
    }
    let names = layers.map(\.name).joined(separator: ", ")
    if let name {
      if let layer = layers.first(where: { $0.name == name }) { return layer }
      throw RasterError(.badField, "find the layer '\(name)'", path: path, cause: "its layers are \(names)")
    }
    guard layers.count == 1, let only = layers.first else {
      throw RasterError(
        .badField, "choose a layer", path: path,
        cause: layers.isEmpty ? "it has none" : "say with 'layer' which of \(names)")
    }
    return only
  }
}

/// One layer of a vector file.
struct VectorLayer {
  private let handle: OGRLayerH
  private let dataset: Dataset
  private let path: String

  init(_ handle: OGRLayerH, of dataset: Dataset, path: String) {
    self.handle = handle
    self.dataset = dataset
    self.path = path
  }

  /// An attribute of the features.
  struct Field {
    let index: Int32
    let name: String
    let isNumber: Bool
  }

  /// The value of an attribute: its text, and its number where the field holds numbers.
  struct Value {
    let text: String
    let number: Double?
  }

  var name: String { OGR_L_GetName(handle).map { String(cString: $0) } ?? "" }

  var crs: CRS? { CRS(borrowing: OGR_L_GetSpatialRef(handle)) }

  var fields: [Field] {
    guard let definition = OGR_L_GetLayerDefn(handle) else { return [] }
    return (0..<OGR_FD_GetFieldCount(definition)).compactMap { index in
      guard let field = OGR_FD_GetFieldDefn(definition, index), let name = OGR_Fld_GetNameRef(field) else {
        return nil
      }
      let isNumber = [OFTInteger, OFTInteger64, OFTReal].contains(OGR_Fld_GetType(field))
      return Field(index: index, name: String(cString: name), isNumber: isNumber)
    }
  }

  /// The field of a name whatever its case; without a name the field 'class', else the only field.
  ///
  /// - Throws: `badField` listing the fields.
  func field(named name: String?) throws(RasterError) -> Field {
    let all = fields
    let wanted = (name ?? "class").lowercased()
    if let field = all.first(where: { $0.name == name })
      ?? all.first(where: { $0.name.lowercased() == wanted })
    {
      return field
    }
    if name == nil, all.count == 1 { return all[0] }
    let names = all.isEmpty ? "it has none" : "its fields are \(all.map(\.name).joined(separator: ", "))"
    throw RasterError(
      .badField, name.map { "find the field '\($0)'" } ?? "choose a field", path: path, cause: names)
  }

  /// The text of a view can make a query that never ends and gives nothing, which no count of features would stop.
  private func refuseRecursiveViews() throws(RasterError) {
    guard dataset.driverName == "GPKG" else { return }
    let query = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND sql LIKE '%RECURSIVE%'"
    let isRecursive = GDALErrors.collect {
      guard let rows = GDALDatasetExecuteSQL(dataset.handle, query, nil, nil) else { return false }
      defer { GDALDatasetReleaseResultSet(dataset.handle, rows) }
      guard let row = OGR_L_GetNextFeature(rows) else { return false }
      defer { OGR_F_Destroy(row) }
      return OGR_F_GetFieldAsInteger64(row, 0) > 0
    }.result
    if isRecursive {
      throw RasterError(
        .unreadable, "read layer '\(name.shortened(to: 200))'", path: path,
        cause: "the file has a view that is computed recursively; store its features in a table")
    }
  }

  /// Calls `body` with the value and a copy of the geometry of every feature that has both; the copy passes
  /// to the caller where `body` returns true.
  ///
  /// - Throws: `unreadable` for a view that is computed recursively, and for more features than the file has bytes: a view can
  ///   give them without end.
  func forEachFeature(field: Field, _ body: (Value, OGRGeometryH) -> Bool) throws(RasterError) {
    try refuseRecursiveViews()
    var left = dataset.storedBytes
    OGR_L_ResetReading(handle)
    while let feature = OGR_L_GetNextFeature(handle) {
      defer { OGR_F_Destroy(feature) }
      left -= 1
      guard left >= 0 else {
        throw RasterError(
          .unreadable, "read layer '\(name.shortened(to: 200))'", path: path,
          cause: "it gives more features than the file has bytes")
      }
      guard OGR_F_IsFieldSetAndNotNull(feature, field.index) != 0,
        let text = OGR_F_GetFieldAsString(feature, field.index), let geometry = OGR_F_GetGeometryRef(feature),
        OGR_G_IsEmpty(geometry) == 0, let copy = OGR_G_Clone(geometry)
      else { continue }
      let number = field.isNumber ? OGR_F_GetFieldAsDouble(feature, field.index) : nil
      if !body(Value(text: String(cString: text), number: number), copy) { OGR_G_DestroyGeometry(copy) }
    }
  }
}
