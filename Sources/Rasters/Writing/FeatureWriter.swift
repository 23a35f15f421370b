// STUB until the writer is merged
package struct FeatureField {
  package enum Kind { case integer, real, text }
  package init(_ name: String, _ kind: Kind) {}
}
package enum FeatureValue { case integer(Int), real(Double), text(String) }
package struct FeatureWriter {
  package init(path: String, layer: String, crs: CRS?, fields: [FeatureField]) throws {}
  package func add(_ p: [(x: Double, y: Double)], values: [FeatureValue]) throws {}
  package func close() throws {}
}
