import Host

/// A vector file's layers and their attributes, as `terrane inspect FILE` shows them.
public struct VectorReport: Sendable, Hashable, CustomStringConvertible {
  /// One layer with geometries.
  public struct Layer: Sendable, Hashable {
    /// The layer's name.
    public let name: String
    /// GDAL's name of the geometries' type: "Multi Polygon".
    public let geometryType: String
    /// The layer's coordinate reference system.
    public let crs: CRS?
    /// The number of features.
    public let featureCount: Int
    /// The layer's attributes.
    public let fields: [Field]
  }

  /// An attribute of a layer.
  public struct Field: Sendable, Hashable {
    /// The attribute's name.
    public let name: String
    /// GDAL's name of its type: "String".
    public let type: String
    /// The attribute's values, the most frequent first.
    public let values: [LabelTally.Entry]
  }

  /// The path as given.
  public let path: String
  /// The layers, in the order of the file.
  public let layers: [Layer]

  /// Values of a field that are shown.
  private static let shown = 20

  /// Opens a file and reads the attributes of all features.
  ///
  /// - Throws: what opening and reading throws.
  public init(path: String) throws(RasterError) {
    self.path = path
    let file = try VectorFile(path: path)
    layers = try file.layers.map { layer throws(RasterError) in
      let fields = layer.fields
      var tallies = fields.map { _ in LabelTally() }
      var count = 0
      try layer.forEachFeature(fields) { values, _ in
        count += 1
        for (index, value) in values.enumerated() { tallies[index].add(value.map(\.text) ?? "(none)") }
      }
      return Layer(
        name: layer.name, geometryType: layer.geometryType, crs: layer.crs, featureCount: count,
        fields: zip(fields, tallies).map { Field(name: $0.name, type: $0.type, values: $1.entries) })
    }
  }

  /// Several lines of text, for people.
  public var description: String {
    var lines = ["\(path): \(layers.count) \(layers.count == 1 ? "layer" : "layers") with geometries"]
    for layer in layers {
      let system = layer.crs.map { "\($0.name) (\($0))" } ?? "no coordinate reference system"
      lines.append(
        "  layer \(layer.name): \(layer.featureCount) features, \(layer.geometryType), \(system)")
      for field in layer.fields {
        lines.append("    field \(field.name) (\(field.type)): \(Self.text(field.values))")
      }
    }
    return lines.map { $0.visibleLine.shortened(to: 4_000) }.joined(separator: "\n")
  }

  private static func text(_ values: [LabelTally.Entry]) -> String {
    guard !values.isEmpty else { return "no value" }
    let rest = values.count - shown
    return values.prefix(shown).map { "\($0.value): \($0.count)" }.joined(separator: ", ")
      + (rest > 0 ? ", and \(rest) more values" : "")
  }
}
