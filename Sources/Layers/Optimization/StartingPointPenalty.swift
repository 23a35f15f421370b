import Tensors

/// Keeps a fine-tuned network near the weights that it started from: alpha / 2 |w - w0|^2 over the filters
/// that have a starting value, plus beta / 2 |w|^2 over the others, those of a fresh head.
///
/// It takes the place of weight decay, which draws to 0 instead. As that does, it leaves norms, biases and
/// embeddings alone, and parameters that do not train.
///
/// - Source: Li et al. 2018, arXiv:1802.01483 (L2-SP).
public struct StartingPointPenalty {
  private let start: [String: Tensor]
  private let (alpha, beta): (Double, Double)

  /// Creates a penalty.
  ///
  /// - Parameters:
  ///   - start: w0 by path, of the parameters that were pretrained and of no other. Not copied.
  ///   - alpha: how much distance from the start counts; the paper's range is 0.01 to 0.1.
  ///   - beta: how much size counts without a start.
  public init(start: [String: Tensor], alpha: Double = 0.1, beta: Double = 0.01) {
    (self.start, self.alpha, self.beta) = (start, alpha, beta)
  }

  /// Adds the penalty's derivative to each parameter's plain gradient, in place.
  ///
  /// - Returns: the penalty over these parameters, to be added to the loss.
  public func add(to gradients: [(parameter: Parameter, gradient: Tensor)]) -> Double {
    gradients.reduce(0) { total, entry in
      entry.parameter.role.decays ? total + add(of: entry.parameter, to: entry.gradient) : total
    }
  }

  private func add(of parameter: Parameter, to gradient: Tensor) -> Double {
    let origin = start[parameter.path]
    precondition(
      origin == nil || origin?.shape == parameter.tensor.shape,
      "\(parameter.path) has shape \(parameter.tensor.shape), its starting value another")
    let factor = origin == nil ? beta : alpha
    var sum = 0.0
    func add(from start: UnsafeBufferPointer<Float>?) {
      parameter.tensor.withValues { weight in
        gradient.mutate { gradient in
          for index in gradient.indices {
            let distance = weight[index] - (start?[index] ?? 0)
            gradient[index] += Float(factor) * distance
            sum += Double(distance) * Double(distance)
          }
        }
      }
    }
    if let origin { origin.withValues(add) } else { add(from: nil) }
    return factor / 2 * sum
  }
}
