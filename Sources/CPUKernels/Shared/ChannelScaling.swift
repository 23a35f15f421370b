import Numerics
import Tensors

/// Means of channels and factors for them, as squeeze-and-excitation has them: shared by all kernel sets, in
/// any layout of Float32. bf16 goes through Float32.
extension HostKernels {
  /// Takes the mean of each channel, `[N, C, 1, 1]`, in the layout of the input.
  package func channelMeans(_ input: Tensor) -> Tensor {
    let input = fp32(input)
    let planes = StoredPlanes(input.shape, layout: input.layout)
    let result = Tensor(uninitialized: [input.shape.batch, input.shape.channels, 1, 1], layout: input.layout)
    parallelLoop(planes.count) { plane in
      planes.means(input.hostValues + plane * planes.size, into: result.hostValues + plane * planes.block)
    }
    return result
  }

  /// Spreads the gradient of a mean evenly over the pixels of its channel.
  package func channelMeansGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    let gradient = fp32(gradient)
    let result = Tensor(uninitialized: inputShape, layout: gradient.layout)
    let planes = StoredPlanes(inputShape, layout: gradient.layout)
    parallelLoop(planes.count) { plane in
      let (source, target) = (
        gradient.hostValues + plane * planes.block, result.hostValues + plane * planes.size
      )
      planes.spread(source, into: target)
    }
    return result
  }

  /// Multiplies each channel of `[N, C, H, W]` by its factor in `[N, C, 1, 1]`.
  package func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    let (input, factors) = sameLayout(fp32(input), fp32(factors))
    precondition(
      factors.shape == [input.shape.batch, input.shape.channels, 1, 1],
      "factors \(factors.shape) do not fit the channels of \(input.shape)")
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    let planes = StoredPlanes(input.shape, layout: input.layout)
    parallelLoop(planes.count) { plane in
      planes.transform(
        input.hostValues + plane * planes.size, factors: factors.hostValues + plane * planes.block,
        offsets: nil,
        into: result.hostValues + plane * planes.size)
    }
    return result
  }

  /// Gives the gradient times the factors, and the sum of gradient times input over each channel.
  package func channelProductGradient(_ gradient: Tensor, input: Tensor, factors: Tensor) -> (
    input: Tensor, factors: Tensor
  ) {
    let (input, gradient) = sameLayout(fp32(input), fp32(gradient))
    let planes = StoredPlanes(input.shape, layout: input.layout)
    let sums = Tensor(uninitialized: factors.shape, layout: input.layout)
    parallelLoop(planes.count) { plane in
      planes.products(
        input.hostValues + plane * planes.size, gradient.hostValues + plane * planes.size,
        into: sums.hostValues + plane * planes.block)
    }
    return (channelProduct(gradient, factors: factors), sums)
  }

  private func fp32(_ tensor: Tensor) -> Tensor { tensor.layout.precision == .fp32 ? tensor : plain(tensor) }

  private func sameLayout(_ left: Tensor, _ right: Tensor) -> (Tensor, Tensor) {
    left.layout == right.layout ? (left, right) : (plain(left), plain(right))
  }
}
