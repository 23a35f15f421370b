import Foundation

/// A classifier whose probabilities are the softmax of a linear map of the features.
///
/// Sums run over the features in Double, in their order, so that a row's answer does not depend on the rows
/// beside it.
package struct LinearClassifier: Classifier {
  package static let kind = "linear"

  package let form: ClassifierForm
  /// The weights, `[classes, features]`.
  package let weights: [Float]
  /// The intercepts; those of classes that were never seen are minus infinity, as ``unseen``.
  package let intercepts: [Float]
  /// The weights feature by feature, `[features, classes]`, in Double.
  private let columns: [Double]

  /// The intercept of a class that nothing was learned of: its probability is 0.
  package static let unseen: Float = -1e30

  /// Creates a linear classifier.
  ///
  /// - Parameters:
  ///   - weights: `[classes, features]`.
  ///   - intercepts: `[classes]`.
  package init(weights: [Float], intercepts: [Float]) {
    let (classes, features) = (intercepts.count, weights.count / max(1, intercepts.count))
    precondition(
      classes > 0 && features * classes == weights.count, "\(weights.count) weights for \(classes)")
    form = ClassifierForm(kind: Self.kind, features: features, classes: classes)
    (self.weights, self.intercepts) = (weights, intercepts)
    columns = (0..<features).flatMap { feature in
      (0..<classes).map { Double(weights[$0 * features + feature]) }
    }
  }

  package static func shapes(of form: ClassifierForm) throws(ClassifierFault) -> [(
    name: String, shape: [Int]
  )] { [("weights", [form.classes, form.features]), ("intercepts", [form.classes])] }

  package init(_ form: ClassifierForm, _ tensors: [String: [Float]]) throws(ClassifierFault) {
    for (name, shape) in try Self.shapes(of: form) {
      guard let tensor = tensors[name], tensor.count == shape.reduce(1, *) else {
        throw ClassifierFault("tensor '\(name)' is not \(shape)")
      }
      guard tensor.allSatisfy(\.isFinite) else {
        throw ClassifierFault("tensor '\(name)' holds no finite number")
      }
    }
    guard form.classes > 0, form.features > 0 else {
      throw ClassifierFault("a linear map of \(form.features) features to \(form.classes) classes")
    }
    self.init(weights: tensors["weights"]!, intercepts: tensors["intercepts"]!)
  }

  package var tensors: [String: [Float]] { ["weights": weights, "intercepts": intercepts] }

  package func classify(
    _ rows: UnsafePointer<Float>, count: Int, into probabilities: UnsafeMutablePointer<Float>
  ) {
    let (classes, features) = (form.classes, form.features)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: classes) { scores in
      columns.withUnsafeBufferPointer { columns in
        for row in 0..<count {
          for index in 0..<classes { scores[index] = Double(intercepts[index]) }
          for feature in 0..<features {
            let value = Double(rows[row * features + feature])
            let column = columns.baseAddress! + feature * classes
            for index in 0..<classes { scores[index] += value * column[index] }
          }
          var (largest, total) = (-Double.infinity, 0.0)
          for index in 0..<classes { largest = max(largest, scores[index]) }
          for index in 0..<classes {
            scores[index] = exp(scores[index] - largest)
            total += scores[index]
          }
          for index in 0..<classes {
            probabilities[row * classes + index] = Float(scores[index] / total)
          }
        }
      }
    }
  }
}
