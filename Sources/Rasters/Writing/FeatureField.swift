/// A field of features: what it is called, and what its values are.
package struct FeatureField: Sendable, Hashable {
  /// The types of values.
  package enum Kind: Sendable, Hashable {
    /// Whole numbers of 64 bits.
    case integer
    /// Double-precision numbers.
    case real
    /// Text in UTF-8.
    case text
  }

  /// The name, unique among the fields of a file.
  package let name: String
  /// The type of its values.
  package let kind: Kind

  /// Creates a field.
  package init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
}

/// The value of a field.
package enum FeatureValue: Sendable, Hashable {
  /// A whole number.
  case integer(Int)
  /// A number; one that is not finite is written as no value.
  case real(Double)
  /// A text.
  case text(String)

  var kind: FeatureField.Kind {
    switch self {
    case .integer: .integer
    case .real: .real
    case .text: .text
    }
  }
}
