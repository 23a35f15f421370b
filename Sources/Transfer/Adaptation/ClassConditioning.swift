import Tensors

/// The outer product of a pixel's class probabilities and features.
package enum ClassConditioning {
  /// Features `[n, D]` and probabilities `[n, K]` as `[n, K D]`: the features K times, each time times a
  /// probability.
  package static func products(_ features: Tensor, _ probabilities: Tensor) -> Tensor {
    let (count, width, classes) = (features.shape[0], features.shape[1], probabilities.shape[1])
    return Tensor(shape: [count, classes * width]) { products in
      features.withValues { features in
        probabilities.withValues { probabilities in
          for index in products.indices {
            let (row, column) = (index / (classes * width), index % (classes * width))
            products[index] =
              probabilities[row * classes + column / width] * features[row * width + column % width]
          }
        }
      }
    }
  }

  /// Returns the gradient with respect to the features; probabilities are constants.
  package static func featureGradient(_ gradient: Tensor, _ probabilities: Tensor) -> Tensor {
    let (count, classes) = (probabilities.shape[0], probabilities.shape[1])
    let width = gradient.shape[1] / classes
    return Tensor(shape: [count, width]) { result in
      gradient.withValues { gradient in
        probabilities.withValues { probabilities in
          for index in result.indices {
            let (row, column) = (index / width, index % width)
            result[index] = (0..<classes).reduce(0) {
              $0 + probabilities[row * classes + $1] * gradient[(row * classes + $1) * width + column]
            }
          }
        }
      }
    }
  }
}
