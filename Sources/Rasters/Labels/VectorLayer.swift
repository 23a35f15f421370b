import CGDAL

/// One layer of a vector file.
struct VectorLayer {
  private let handle: OGRLayerH
  private let dataset: Dataset
  private let path: String

  package init(_ handle: OGRLayerH, of dataset: Dataset, path: String) {
    self.handle = handle
    self.dataset = dataset
    self.path = path
  }

  /// An attribute of the features.
  struct Field {
    package let index: Int32
    package let name: String
    package let isNumber: Bool
    /// GDAL's name of the type: "String", "Integer64".
    package let type: String
  }

  /// The value of an attribute: its text, and its number where the field holds numbers.
  package struct Value {
    package let text: String
    package let number: Double?
  }

  package var name: String { OGR_L_GetName(handle).map { String(cString: $0) } ?? "" }

  package var crs: CRS? { CRS(borrowing: OGR_L_GetSpatialRef(handle)) }

  /// Whether features have geometries at all.
  var hasGeometry: Bool { OGR_L_GetGeomType(handle) != wkbNone }

  /// GDAL's name of the geometries' type: "Multi Polygon".
  var geometryType: String {
    OGRGeometryTypeToName(OGR_L_GetGeomType(handle)).map { String(cString: $0) } ?? "unknown"
  }

  var fields: [Field] {
    guard let definition = OGR_L_GetLayerDefn(handle) else { return [] }
    return (0..<OGR_FD_GetFieldCount(definition)).compactMap { index in
      guard let field = OGR_FD_GetFieldDefn(definition, index), let name = OGR_Fld_GetNameRef(field) else {
        return nil
      }
      let type = OGR_Fld_GetType(field)
      return Field(
        index: index, name: String(cString: name),
        isNumber: [OFTInteger, OFTInteger64, OFTReal].contains(type),
        type: OGR_GetFieldTypeName(type).map { String(cString: $0) } ?? "unknown")
    }
  }

  /// Returns the field of a name whatever its case; without a name the field 'class', else the only field.
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

  /// Calls `body` with the values of fields, nil where a feature has none, and the geometry, which is
  /// borrowed, of every feature.
  ///
  /// - Throws: `unreadable` where the layer yields more features than its file has bytes, or GDAL fails on
  ///   the way.
  func forEachFeature(_ fields: [Field], _ body: ([Value?], OGRGeometryH?) -> Void) throws(RasterError) {
    let most = dataset.storedBytes
    try GDALErrors.attempt("read the features", path: path, code: .unreadable, strict: true) { () -> Void? in
      OGR_L_ResetReading(handle)
      var count = 0
      while let feature = OGR_L_GetNextFeature(handle) {
        defer { OGR_F_Destroy(feature) }
        count += 1
        // A damaged database can lead round in circles.
        if count > most { return nil }
        body(fields.map { Self.value(of: $0, in: feature) }, OGR_F_GetGeometryRef(feature))
      }
      return ()
    }
  }

  private static func value(of field: Field, in feature: OGRFeatureH) -> Value? {
    guard OGR_F_IsFieldSetAndNotNull(feature, field.index) != 0,
      let text = OGR_F_GetFieldAsString(feature, field.index)
    else { return nil }
    return Value(
      text: String(cString: text),
      number: field.isNumber ? OGR_F_GetFieldAsDouble(feature, field.index) : nil)
  }
}
