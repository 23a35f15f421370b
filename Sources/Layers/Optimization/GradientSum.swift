import Tensors

/// Adds up losses and gradients of several batches, from which one step is taken.
public struct GradientSum {
  /// The loss of a batch and the plain gradient of each parameter that took part.
  public typealias Term = (loss: Double, gradients: [(parameter: Parameter, gradient: Tensor)])

  private var loss = 0.0
  private var gradients: [(parameter: Parameter, gradient: Tensor)] = []
  private var count = 0

  /// Creates the sum of nothing.
  public init() {}

  /// Creates the sum of so many batches that others have put together.
  package init(meanOf count: Int, loss: Double, sums: [(parameter: Parameter, gradient: Tensor)]) {
    (self.count, self.loss, gradients) = (count, loss, sums)
  }

  /// Adds a batch; the same parameters take part in each.
  public mutating func add(_ term: Term) {
    precondition(count == 0 || term.gradients.count == gradients.count, "another network's gradients")
    loss += term.loss
    if count == 0 {
      gradients = term.gradients
    } else {
      for (sum, added) in zip(gradients, term.gradients) {
        precondition(sum.parameter === added.parameter, "gradients come in another order")
        sum.gradient.add(added.gradient)
      }
    }
    count += 1
  }

  /// The mean loss of the batches.
  public var meanLoss: Double { loss / Double(max(1, count)) }

  /// Returns the mean gradients.
  ///
  /// Takes the sum's own memory: it is not to be added to any more.
  public mutating func mean() -> [(parameter: Parameter, gradient: Tensor)] {
    let factor = 1 / Double(max(1, count))
    if factor != 1 { for (_, gradient) in gradients { gradient.scale(by: Float(factor)) } }
    return gradients
  }
}

extension Tensor {
  fileprivate func add(_ other: Tensor) {
    other.withValues { other in mutate { own in for index in own.indices { own[index] += other[index] } } }
  }

  fileprivate func scale(by factor: Float) {
    mutate { own in for index in own.indices { own[index] *= factor } }
  }
}
