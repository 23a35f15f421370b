/// A rule that gives rows of features the probabilities of classes: a forest, a linear map, a machine of
/// support vectors.
///
/// It is a value that several threads may ask at once, and the same rows give the same bits whatever rows
/// stand beside them.
package protocol Classifier: Sendable {
  /// The name of the rule in model cards: `trees`, `linear`.
  static var kind: String { get }
  /// Returns the tensors that a rule of this form consists of, by name, with their shapes.
  static func shapes(of form: ClassifierForm) throws(ClassifierFault) -> [(name: String, shape: [Int])]
  /// Makes the rule of its tensors.
  ///
  /// - Throws: ``ClassifierFault`` for numbers that are no such rule: children that are no nodes, a feature
  ///   that there is not.
  init(_ form: ClassifierForm, _ tensors: [String: [Float]]) throws(ClassifierFault)

  /// The form of the rule, from which the shapes of its tensors follow.
  var form: ClassifierForm { get }
  /// The tensors of the rule by name, each row-major.
  var tensors: [String: [Float]] { get }
  /// The rows that are best asked for at once.
  var preferredRows: Int { get }

  /// Writes the probabilities of all classes, `[count, classes]`, of rows of finite features,
  /// `[count, features]`.
  func classify(_ rows: UnsafePointer<Float>, count: Int, into probabilities: UnsafeMutablePointer<Float>)
}

extension Classifier {
  /// As many rows as lie in a cache with their features.
  package var preferredRows: Int { 2048 }
}

/// The kind and the sizes of a classifier, by which it is stored in a model card.
package struct ClassifierForm: Codable, Hashable, Sendable {
  /// The name of the rule: ``Classifier/kind``.
  package let kind: String
  /// The number of features of a row.
  package let features: Int
  /// The number of classes.
  package let classes: Int
  /// Further sizes, by name: `nodes`, `vectors`.
  package let sizes: [String: Int]

  /// Creates a form.
  package init(kind: String, features: Int, classes: Int, sizes: [String: Int] = [:]) {
    (self.kind, self.features, self.classes, self.sizes) = (kind, features, classes, sizes)
  }

  /// Returns a size.
  ///
  /// - Throws: ``ClassifierFault`` where the form has none of that name, or one below 0.
  package func size(_ name: String) throws(ClassifierFault) -> Int {
    guard let size = sizes[name], size >= 0 else { throw ClassifierFault("\(kind) without a size '\(name)'") }
    return size
  }
}

/// Numbers that are no classifier, in one phrase.
package struct ClassifierFault: Error, Hashable, CustomStringConvertible {
  /// The phrase.
  package let description: String

  /// Creates a fault.
  package init(_ description: String) { self.description = description }
}
