/// Each operation of a network with its adjoint.
extension Tape {
  /// Convolves `[N, C, H, W]` with `weight` `[K, C / g, k, l]` and adds `bias` `[K]`: `[N, K, H', W']`.
  public func convolution(_ input: Value, weight: Value, bias: Value?, kernel: SlidingKernel) -> Value {
    let result = kernels.convolution(input.tensor, weight: weight.tensor, bias: bias?.tensor, kernel: kernel)
    return record(result, inputs: [input, weight] + (bias.map { [$0] } ?? [])) { gradient, kernels in
      if input.needsGradient {
        let contribution = kernels.convolutionInputGradient(
          gradient, weight: weight.tensor, inputShape: input.tensor.shape, kernel: kernel)
        input.accumulate(contribution, with: kernels)
      }
      guard weight.needsGradient || bias?.needsGradient == true else { return }
      let contribution = kernels.convolutionWeightGradient(
        gradient, input: input.tensor, weightShape: weight.tensor.shape, hasBias: bias != nil, kernel: kernel)
      if weight.needsGradient { weight.accumulate(contribution.weight, with: kernels) }
      if let bias, bias.needsGradient { bias.accumulate(contribution.bias!, with: kernels) }
    }
  }

  /// Batch normalisation by the batch's own statistics, with a fused ReLU if asked.
  ///
  /// - Parameter kernels: the tape's own; asked for because a tape that runs forward only may have none that
  ///   take statistics.
  /// - Returns: the normalised value; mean `[C]` and biased variance `[C]` for the running statistics.
  public func batchNormalization(
    _ input: Value, scale: Value, shift: Value, epsilon: Float, relu: Bool, on kernels: any AdjointKernels
  ) -> (output: Value, mean: Tensor, variance: Tensor) {
    let (result, statistics) = kernels.batchNormalization(
      input.tensor, scale: scale.tensor, shift: shift.tensor, epsilon: epsilon, relu: relu)
    let value = record(result, inputs: [input, scale, shift]) { gradient, kernels in
      let contribution = kernels.batchNormalizationGradient(
        gradient, input: input.tensor, scale: scale.tensor, shift: shift.tensor, statistics: statistics,
        epsilon: epsilon)
      if input.needsGradient { input.accumulate(contribution.input, with: kernels) }
      if scale.needsGradient { scale.accumulate(contribution.scale, with: kernels) }
      if shift.needsGradient { shift.accumulate(contribution.shift, with: kernels) }
    }
    return (value, statistics.mean, statistics.variance)
  }

  /// Takes the largest value under each kernel position; padding never wins.
  public func maxPooling(_ input: Value, kernel: SlidingKernel) -> Value {
    guard let adjointKernels, input.needsGradient else {
      return Value(kernels.maxPooling(input.tensor, kernel: kernel))
    }
    let (result, places) = adjointKernels.maxPoolingWithPlaces(input.tensor, kernel: kernel)
    return record(result, inputs: [input]) { gradient, kernels in
      let contribution = kernels.maxPoolingGradient(
        gradient, places: places, inputShape: input.tensor.shape, kernel: kernel)
      input.accumulate(contribution, with: kernels)
    }
  }

  /// Takes the mean under each kernel position, zeros of the padding counted.
  public func averagePooling(_ input: Value, kernel: SlidingKernel) -> Value {
    let result = kernels.averagePooling(input.tensor, kernel: kernel)
    return record(result, inputs: [input]) { gradient, kernels in
      let contribution = kernels.averagePoolingGradient(
        gradient, inputShape: input.tensor.shape, kernel: kernel)
      input.accumulate(contribution, with: kernels)
    }
  }

  /// Takes the mean of each channel: `[N, C, 1, 1]`.
  public func channelMeans(_ input: Value) -> Value {
    return record(kernels.channelMeans(input.tensor), inputs: [input]) { gradient, kernels in
      input.accumulate(
        kernels.channelMeansGradient(gradient, inputShape: input.tensor.shape), with: kernels)
    }
  }

  /// Multiplies each channel of `[N, C, H, W]` by its factor in `[N, C, 1, 1]`.
  public func channelProduct(_ input: Value, factors: Value) -> Value {
    let result = kernels.channelProduct(input.tensor, factors: factors.tensor)
    return record(result, inputs: [input, factors]) { gradient, kernels in
      let contribution = kernels.channelProductGradient(
        gradient, input: input.tensor, factors: factors.tensor)
      if input.needsGradient { input.accumulate(contribution.input, with: kernels) }
      if factors.needsGradient { factors.accumulate(contribution.factors, with: kernels) }
    }
  }

  /// Each channel of each image of `[N, C, H, W]` times a constant of its own, N C of them.
  public func channelProduct(_ input: Value, constants: [Float]) -> Value {
    let result = kernels.channelProduct(
      input.tensor, factors: input.tensor.channelFactors(constants))
    return record(result, inputs: [input]) { gradient, kernels in
      input.accumulate(
        kernels.channelProduct(gradient, factors: gradient.channelFactors(constants)), with: kernels)
    }
  }

  /// Applies a function to each number.
  public func activation(_ input: Value, _ function: Activation) -> Value {
    return record(kernels.activation(input.tensor, function), inputs: [input]) { gradient, kernels in
      input.accumulate(
        kernels.activationGradient(gradient, input: input.tensor, function), with: kernels)
    }
  }

  /// Resamples to `height` x `width` by nearest neighbours: output row r takes input row floor(r * H /
  /// height).
  public func nearestResampling(_ input: Value, height: Int, width: Int) -> Value {
    let result = kernels.nearestResampling(input.tensor, height: height, width: width)
    return record(result, inputs: [input]) { gradient, kernels in
      input.accumulate(
        kernels.nearestResamplingGradient(gradient, inputShape: input.tensor.shape), with: kernels)
    }
  }

  /// Joins along the channels.
  public func concatenation(_ inputs: [Value]) -> Value {
    let result = kernels.concatenation(inputs.map(\.tensor))
    return record(result, inputs: inputs) { gradient, kernels in
      let parts = kernels.channelSplit(gradient, channels: inputs.map(\.tensor.shape.channels))
      for (input, part) in zip(inputs, parts) where input.needsGradient {
        input.accumulate(part, with: kernels)
      }
    }
  }

  /// Returns the sum of two values of one shape.
  public func sum(_ left: Value, _ right: Value) -> Value {
    return record(kernels.sum(left.tensor, right.tensor), inputs: [left, right]) { gradient, kernels in
      for input in [left, right] where input.needsGradient { input.accumulate(gradient, with: kernels) }
    }
  }

  /// max(left + right, 0): the end of a residual block.
  public func rectifiedSum(_ left: Value, _ right: Value) -> Value {
    let result = kernels.rectifiedSum(left.tensor, right.tensor)
    return record(result, inputs: [left, right]) { gradient, kernels in
      let contribution = kernels.rectifierGradient(gradient, output: result)
      for input in [left, right] where input.needsGradient { input.accumulate(contribution, with: kernels) }
    }
  }
}

extension Tape {
  /// Batch normalisation by given statistics, with a ReLU if asked: what a frozen or finished network does.
  ///
  /// Where gradients are wanted it is the affine map y = s x + t of each channel, s = scale / sqrt(variance +
  /// epsilon); the gradients of scale and shift are not offered, because frozen statistics go with frozen
  /// scale and shift here.
  public func batchNormalization(
    _ input: Value, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Value {
    let result = kernels.batchNormalization(
      input.tensor, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon, relu: relu)
    return record(result, inputs: [input]) { gradient, kernels in
      let passed = relu ? kernels.rectifierGradient(gradient, output: result) : gradient
      let zeros = Tensor(repeating: 0, shape: mean.shape)
      input.accumulate(
        kernels.batchNormalization(
          passed, scale: scale, shift: zeros, mean: zeros, variance: variance, epsilon: epsilon, relu: false),
        with: kernels)
    }
  }
}
