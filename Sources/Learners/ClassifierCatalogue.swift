/// The kinds of classifiers that a model card can name.
package enum ClassifierCatalogue {
  /// The kinds.
  package static let kinds: [any Classifier.Type] = [TreeEnsemble.self, LinearClassifier.self]

  /// Returns the kind of a form.
  ///
  /// - Throws: ``ClassifierFault`` where there is none of that name.
  package static func kind(of form: ClassifierForm) throws(ClassifierFault) -> any Classifier.Type {
    guard let kind = kinds.first(where: { $0.kind == form.kind }) else {
      throw ClassifierFault("no classifier is called '\(form.kind)'")
    }
    return kind
  }
}
