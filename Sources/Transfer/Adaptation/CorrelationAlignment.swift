import Tensors

/// Deep CORAL: pulls the second-order statistics of two domains' features together.
///
/// The loss is weight x |Cs - Ct|^2 / (4 d^2), Cs and Ct the covariances (n - 1) of the d features over all
/// pixels of a batch. Its gradient for a source feature is weight x (x - mean) (Cs - Ct) / (d^2 (n - 1)), the
/// opposite for the target.
///
/// - Source: Sun & Saenko 2016, arXiv:1607.01719.
public struct CorrelationAlignment {
  /// The weight of the loss.
  public let weight: Double

  /// Alignment with a weight.
  public init(weight: Double) { self.weight = weight }

  /// Adds the gradients to two feature values `[N, d, H, W]`.
  ///
  /// - Returns: the loss.
  public func align(_ source: Value, with target: Value, _ kernels: any AdjointKernels) -> Double {
    let (a, b) = (Features(source, kernels), Features(target, kernels))
    let width = Double(a.width)
    var difference = zip(a.covariance, b.covariance).map { $0 - $1 }
    let loss = weight * difference.reduce(0) { $0 + $1 * $1 } / (4 * width * width)
    source.accumulate(a.gradient(difference, factor: weight / (width * width)), with: kernels)
    difference = difference.map { -$0 }
    target.accumulate(b.gradient(difference, factor: weight / (width * width)), with: kernels)
    return loss
  }

  /// The features of one domain as centred rows `[d, n]`, n the pixels of the batch.
  private struct Features {
    let width, count: Int
    let covariance: [Double]
    private let shape: Shape
    private let centred: Tensor
    private let kernels: any AdjointKernels

    init(_ value: Value, _ kernels: any AdjointKernels) {
      shape = value.tensor.shape
      width = shape.channels
      let plane = shape.height * shape.width
      count = shape.batch * plane
      let (width, count, shape) = (width, count, shape)
      centred = Tensor(shape: [width, count]) { rows in
        kernels.plain(value.tensor).withValues { values in
          for feature in 0..<width {
            var sum = 0.0
            for image in 0..<shape.batch {
              let start = (image * width + feature) * plane
              for pixel in 0..<plane {
                rows[feature * count + image * plane + pixel] = values[start + pixel]
                sum += Double(values[start + pixel])
              }
            }
            let mean = Float(sum / Double(count))
            for index in feature * count..<(feature + 1) * count { rows[index] -= mean }
          }
        }
      }
      self.kernels = kernels
      let product = kernels.matrixProduct(centred, centred, transposeLeft: false, transposeRight: true)
      covariance = product.values.map { Double($0) / Double(max(1, count - 1)) }
    }

    func gradient(_ difference: [Double], factor: Double) -> Tensor {
      let scale = factor / Double(max(1, count - 1))
      let matrix = Tensor(difference.map { Float($0 * scale) }, shape: [width, width])
      let rows = kernels.matrixProduct(matrix, centred, transposeLeft: false, transposeRight: false)
      let plane = shape.height * shape.width
      return Tensor(shape: shape) { target in
        rows.withValues { rows in
          for image in 0..<shape.batch {
            for feature in 0..<width {
              for pixel in 0..<plane {
                target[(image * width + feature) * plane + pixel] =
                  rows[feature * count + image * plane + pixel]
              }
            }
          }
        }
      }
    }
  }
}
