import Chips
import Models
import Tensors

/// A term of the loss that compares batches of two domains, or looks at the target's alone, and keeps nothing
/// from step to step.
public protocol AlignmentTerm {
  /// Adds its gradients to the step's output and to `target`, what the network makes of the step's unlabelled
  /// chips.
  ///
  /// - Returns: the loss.
  func add(to step: JointStep, target: NetworkOutput) -> Double
}

/// A training in which one term pulls the domains together.
public final class Alignment: DomainMethod {
  /// Chips of the other domain.
  public let chips: ChipSet
  private let term: any AlignmentTerm

  /// Pulls the features or scores of `chips` to those of the labelled ones.
  public init(_ term: any AlignmentTerm, to chips: ChipSet) { (self.term, self.chips) = (term, chips) }

  /// Prepares nothing, because the term keeps nothing from step to step.
  public func begin(epoch: Int, of count: Int, _ model: Model, kernels: any Kernels) {}

  /// Adds the gradients of the term to both domains' values, and returns its loss.
  public func add(to step: JointStep) -> Double {
    term.add(to: step, target: step.forward(step.unlabelled.input))
  }

  /// The state of an alignment, which is empty.
  public var state: [String: Tensor] {
    get { [:] }
    set { precondition(newValue.isEmpty, "an alignment keeps no \(newValue.keys.sorted())") }
  }
}

extension CorrelationAlignment: AlignmentTerm {
  /// Adds the gradients of the distance between the domains' covariances to their features, and returns the
  /// loss.
  public func add(to step: JointStep, target: NetworkOutput) -> Double {
    align(step.output.features, with: target.features, step.kernels)
  }
}
