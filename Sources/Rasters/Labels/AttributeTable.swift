/// The attributes of all features of a layer, so that fields can be held against each other.
package struct AttributeTable: Sendable {
  /// A field of the layer.
  package struct Field: Sendable, Hashable {
    /// The field's name.
    package let name: String
    /// GDAL's name of its type: "String".
    package let type: String
    /// Whether it holds numbers.
    package let isNumber: Bool
  }

  /// The layer's name.
  package let layer: String
  /// The fields, in the order of the file.
  package let fields: [Field]
  /// The values of each feature in the order of the fields, as text without white space at its ends; nil
  /// where there is none.
  package let rows: [[String?]]

  /// The most features whose attributes are read.
  private static let mostRows = 1 << 20

  /// Reads the attributes of the layers with geometries of a vector file.
  ///
  /// - Throws: `tooLarge` for a layer of more than a million features; what opening and reading throws.
  package static func all(in path: String) throws(RasterError) -> [AttributeTable] {
    let file = try VectorFile(path: path)
    return try file.layers.map { layer throws(RasterError) in
      let fields = layer.fields
      var rows: [[String?]] = []
      var count = 0
      try layer.forEachFeature(fields) { values, _ in
        count += 1
        if count <= mostRows { rows.append(values.map(Self.text)) }
      }
      guard count <= mostRows else {
        throw RasterError(
          .tooLarge, "read the attributes", path: path,
          cause: "the layer '\(layer.name)' has \(count) features; \(mostRows) are the most that is looked at"
        )
      }
      return AttributeTable(
        layer: layer.name,
        fields: fields.map { Field(name: $0.name, type: $0.type, isNumber: $0.isNumber) }, rows: rows)
    }
  }

  private static func text(_ value: VectorLayer.Value?) -> String? {
    guard let value else { return nil }
    let text = value.text.trimmed
    return text.isEmpty ? nil : text
  }
}
