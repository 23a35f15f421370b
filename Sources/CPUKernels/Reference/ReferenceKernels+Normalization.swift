import Numerics
import Tensors

/// Batch normalisation, each channel by itself, sums in Double.
extension ReferenceKernels {
  /// Normalises by the mean and the biased variance of the batch, both from sums in Double.
  package func batchNormalization(_ input: Tensor, scale: Tensor, shift: Tensor, epsilon: Float, relu: Bool)
    -> (output: Tensor, statistics: BatchStatistics)
  {
    let channels = input.shape.channels
    let mean = Tensor(uninitialized: [channels])
    let variance = Tensor(uninitialized: [channels])
    let planes = ChannelPlanes(input.shape)
    parallelLoop(channels) { channel in
      var (sum, squares) = (0.0, 0.0)
      planes.forEach(channel) { index in sum += Double(input.hostValues[index]) }
      let average = sum / Double(planes.count)
      planes.forEach(channel) { index in
        let difference = Double(input.hostValues[index]) - average
        squares += difference * difference
      }
      mean.hostValues[channel] = Float(average)
      variance.hostValues[channel] = Float(squares / Double(planes.count))
    }
    let output = batchNormalization(
      input, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon, relu: relu)
    var passed: Workspace?
    if relu {
      let mask = Workspace(bytes: input.shape.count)
      let bytes = mask.pointer.assumingMemoryBound(to: UInt8.self)
      for index in 0..<input.shape.count { bytes[index] = output.hostValues[index] > 0 ? 1 : 0 }
      passed = mask
    }
    return (output, BatchStatistics(mean: mean, variance: variance, passed: passed))
  }

  /// Normalises by given statistics, as one factor and one offset a channel.
  package func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor {
    let result = Tensor(uninitialized: input.shape)
    let planes = ChannelPlanes(input.shape)
    parallelLoop(input.shape.channels) { channel in
      let factor = scale.hostValues[channel] / (variance.hostValues[channel] + epsilon).squareRoot()
      let offset = shift.hostValues[channel] - mean.hostValues[channel] * factor
      planes.forEach(channel) { index in
        let value = input.hostValues[index] * factor + offset
        result.hostValues[index] = relu && value < 0 ? 0 : value
      }
    }
    return result
  }

  /// Gives the gradients of a normalisation by the batch's own statistics.
  ///
  /// With g the gradient, n the pixels of a channel, x^ the normalised input and s = scale / sqrt(var + eps):
  /// dx = s (g - mean(g) - x^ mean(g x^)), dscale = sum(g x^), dshift = sum(g).
  package func batchNormalizationGradient(
    _ gradient: Tensor, input: Tensor, scale: Tensor, shift: Tensor, statistics: BatchStatistics,
    epsilon: Float
  ) -> (input: Tensor, scale: Tensor, shift: Tensor) {
    let channels = input.shape.channels
    let inputGradient = Tensor(uninitialized: input.shape)
    let scaleGradient = Tensor(uninitialized: [channels])
    let shiftGradient = Tensor(uninitialized: [channels])
    let planes = ChannelPlanes(input.shape)
    let mask = statistics.passed?.pointer.assumingMemoryBound(to: UInt8.self)
    parallelLoop(channels) { channel in
      let mean = statistics.mean.hostValues[channel]
      let inverse = 1 / (statistics.variance.hostValues[channel] + epsilon).squareRoot()
      var (sum, product) = (0.0, 0.0)
      planes.forEach(channel) { index in
        guard mask.map({ $0[index] != 0 }) ?? true else { return }
        let value = gradient.hostValues[index]
        sum += Double(value)
        product += Double(value * (input.hostValues[index] - mean) * inverse)
      }
      scaleGradient.hostValues[channel] = Float(product)
      shiftGradient.hostValues[channel] = Float(sum)
      let (meanGradient, meanProduct) = (
        Float(sum / Double(planes.count)), Float(product / Double(planes.count))
      )
      let factor = scale.hostValues[channel] * inverse
      planes.forEach(channel) { index in
        let value = mask.map({ $0[index] != 0 }) ?? true ? gradient.hostValues[index] : 0
        let normalized = (input.hostValues[index] - mean) * inverse
        inputGradient.hostValues[index] = factor * (value - meanGradient - normalized * meanProduct)
      }
    }
    return (inputGradient, scaleGradient, shiftGradient)
  }
}

/// The places of the pixels of one channel in a plain `[N, C, H, W]` tensor.
private struct ChannelPlanes {
  let shape: Shape

  init(_ shape: Shape) { self.shape = shape }

  /// Pixels of a channel over the whole batch.
  var count: Int { shape.batch * shape.height * shape.width }

  @inline(__always)
  func forEach(_ channel: Int, _ body: (Int) -> Void) {
    let plane = shape.height * shape.width
    for image in 0..<shape.batch {
      let start = (image * shape.channels + channel) * plane
      for index in start..<start + plane { body(index) }
    }
  }
}
