import Foundation
import Tensors

/// The two domains as a classifier has to tell them apart.
enum Domain: Double {
  case source = 0
  case target = 1
}

/// Binary cross-entropy of a domain, the mean over logits of any shape: the logit is that of the target's
/// probability.
struct DomainLoss {
  /// The mean of log(1 + exp(z)) - y z.
  let value: Double
  /// (sigmoid(z) - y) / n, of the logits' shape.
  let gradient: Tensor

  /// Creates the loss of plain logits z where the domain is y, times `share`.
  init(_ logits: Tensor, _ domain: Domain, share: Double = 1) {
    let factor = share / Double(max(1, logits.shape.count))
    var sum = 0.0
    gradient = Tensor(shape: logits.shape) { gradient in
      logits.withValues { logits in
        for (index, logit) in logits.enumerated() {
          let z = Double(logit)
          sum += max(z, 0) + log1p(exp(-abs(z))) - domain.rawValue * z
          gradient[index] = Float(factor * (1 / (1 + exp(-z)) - domain.rawValue))
        }
      }
    }
    value = factor * sum
  }
}
