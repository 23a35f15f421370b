import Numerics

/// (x - mean) / sqrt(variance + epsilon) of groups of channels of each image `[N, C, H, W]`, then scale and
/// shift `[C]`.
///
/// - Source: Wu & He 2018, arXiv:1803.08494; sums in Double.
package struct GroupNormalizationOperation: PlainOperation {
  package let groups: Int
  package let epsilon: Float

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(
      inputs[0].channels % groups == 0 && inputs[1].count == inputs[0].channels && inputs[1] == inputs[2],
      "\(groups) groups, scale \(inputs[1]) and shift \(inputs[2]) do not fit \(inputs[0])")
    return inputs[0]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let geometry = Geometry(inputs[0].shape, groups)
    parallelLoop(geometry.count) { group in
      let source = inputs[0].hostValues + group * geometry.size
      let (mean, inverse) = statistics(source, geometry.size)
      for channel in 0..<geometry.channels {
        let place = geometry.firstChannel(group) + channel
        let factor = inverse * inputs[1].hostValues[place]
        let offset = inputs[2].hostValues[place] - mean * factor
        for index in channel * geometry.pixels..<(channel + 1) * geometry.pixels {
          result.hostValues[group * geometry.size + index] = source[index] * factor + offset
        }
      }
    }
  }

  /// Computes the gradients of ``LayerNormalizationOperation``, with the mean over a group.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let geometry = Geometry(inputs[0].shape, groups)
    let back = Tensor(uninitialized: inputs[0].shape)
    var (scales, shifts) = (
      Array(repeating: 0.0, count: inputs[1].shape.count), Array(repeating: 0.0, count: inputs[1].shape.count)
    )
    for group in 0..<geometry.count {
      let source = inputs[0].hostValues + group * geometry.size
      let outer = gradient.hostValues + group * geometry.size
      let (mean, inverse) = statistics(source, geometry.size)
      var (sum, product) = (0.0, 0.0)
      for channel in 0..<geometry.channels {
        let place = geometry.firstChannel(group) + channel
        var (own, ownProduct) = (0.0, 0.0)
        for index in channel * geometry.pixels..<(channel + 1) * geometry.pixels {
          own += Double(outer[index])
          ownProduct += Double(outer[index] * (source[index] - mean) * inverse)
        }
        shifts[place] += own
        scales[place] += ownProduct
        sum += own * Double(inputs[1].hostValues[place])
        product += ownProduct * Double(inputs[1].hostValues[place])
      }
      let (meanGradient, meanProduct) = (
        Float(sum / Double(geometry.size)), Float(product / Double(geometry.size))
      )
      for index in 0..<geometry.size {
        let scale = inputs[1].hostValues[geometry.firstChannel(group) + index / geometry.pixels]
        let normalized = (source[index] - mean) * inverse
        back.hostValues[group * geometry.size + index] =
          (outer[index] * scale - meanGradient - normalized * meanProduct) * inverse
      }
    }
    return [
      back, Tensor(scales.map { Float($0) }, shape: inputs[1].shape),
      Tensor(shifts.map { Float($0) }, shape: inputs[2].shape),
    ]
  }

  private func statistics(_ values: UnsafePointer<Float>, _ count: Int) -> (mean: Float, inverse: Float) {
    var sum = 0.0
    for index in 0..<count { sum += Double(values[index]) }
    let mean = sum / Double(count)
    var squares = 0.0
    for index in 0..<count { squares += (Double(values[index]) - mean) * (Double(values[index]) - mean) }
    return (Float(mean), 1 / (Float(squares / Double(count)) + epsilon).squareRoot())
  }

  /// The groups of all images, one after the other.
  private struct Geometry {
    package let groups, channels, pixels, count: Int
    package var size: Int { channels * pixels }

    package init(_ shape: Shape, _ groups: Int) {
      self.groups = groups
      (channels, pixels) = (shape.channels / groups, shape.height * shape.width)
      count = shape.batch * groups
    }

    func firstChannel(_ group: Int) -> Int { group % groups * channels }
  }
}

extension Tape {
  /// Normalises groups of channels by their own mean and variance (``GroupNormalizationOperation``).
  public func groupNormalization(_ input: Value, groups: Int, scale: Value, shift: Value, epsilon: Float)
    -> Value
  {
    apply(GroupNormalizationOperation(groups: groups, epsilon: epsilon), to: input, scale, shift)
  }
}
