/// Means of channels and factors for them, as squeeze-and-excitation has them: shared by all kernel sets, in any layout of
/// Float32. bf16 goes through Float32.
extension Kernels {
  /// See ``Kernels/channelMeans(_:)``; sums in Double.
  public func channelMeans(_ input: Tensor) -> Tensor {
    let input = fp32(input)
    let planes = StoredPlanes(input)
    let result = Tensor(uninitialized: [input.shape.batch, input.shape.channels, 1, 1], layout: input.layout)
    parallelLoop(planes.count) { plane in
      let (source, target) = (planes[input, plane], result.storage + plane * planes.block)
      planes.sums(target) { pixel, channel in source[pixel * planes.block + channel] }
      for channel in 0..<planes.block { target[channel] /= Float(planes.pixels) }
    }
    return result
  }

  /// See ``Kernels/channelMeansGradient(_:inputShape:)``.
  public func channelMeansGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    let gradient = fp32(gradient)
    let result = Tensor(uninitialized: inputShape, layout: gradient.layout)
    let planes = StoredPlanes(result)
    parallelLoop(planes.count) { plane in
      let (source, target) = (gradient.storage + plane * planes.block, planes[result, plane])
      for pixel in 0..<planes.pixels {
        for channel in 0..<planes.block {
          target[pixel * planes.block + channel] = source[channel] / Float(planes.pixels)
        }
      }
    }
    return result
  }

  /// See ``Kernels/channelProduct(_:factors:)``.
  public func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    let (input, factors) = sameLayout(fp32(input), fp32(factors))
    checkFactors(factors.shape, for: input.shape)
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    let planes = StoredPlanes(input)
    parallelLoop(planes.count) { plane in
      let (source, target) = (planes[input, plane], planes[result, plane])
      let factors = factors.storage + plane * planes.block
      planes.multiply(source, by: factors, into: target)
    }
    return result
  }

  /// See ``Kernels/channelProductGradient(_:input:factors:)``.
  public func channelProductGradient(_ gradient: Tensor, input: Tensor, factors: Tensor) -> (
    input: Tensor, factors: Tensor
  ) {
    let (aligned, second) = sameLayout(fp32(input), fp32(gradient))
    let inputGradient = channelProduct(second, factors: factors)
    let planes = StoredPlanes(aligned)
    let factorGradient = Tensor(uninitialized: factors.shape, layout: aligned.layout)
    parallelLoop(planes.count) { plane in
      let (source, other) = (planes[aligned, plane], planes[second, plane])
      planes.sums(factorGradient.storage + plane * planes.block) { pixel, channel in
        let index = pixel * planes.block + channel
        return source[index] * other[index]
      }
    }
    return (inputGradient, factorGradient)
  }

  private func fp32(_ tensor: Tensor) -> Tensor { tensor.layout.precision == .fp32 ? tensor : plain(tensor) }

  private func sameLayout(_ left: Tensor, _ right: Tensor) -> (Tensor, Tensor) {
    left.layout == right.layout ? (left, right) : (plain(left), plain(right))
  }

  private func checkFactors(_ factors: Shape, for input: Shape) {
    precondition(
      factors == [input.batch, input.channels, 1, 1], "factors \(factors) do not fit the channels of \(input)"
    )
  }
}

/// A tensor `[N, C, H, W]` as planes of some channels each: one where it is plain, a block where it is blocked.
private struct StoredPlanes {
  /// Channels that lie side by side.
  let block: Int
  let pixels: Int
  let count: Int

  init(_ tensor: Tensor) {
    if case .blocked(let block, _) = tensor.layout { self.block = block } else { block = 1 }
    pixels = tensor.shape.height * tensor.shape.width
    count = tensor.storedCount / max(1, pixels * block)
  }

  subscript(tensor: Tensor, plane: Int) -> UnsafeMutablePointer<Float> {
    tensor.storage + plane * pixels * block
  }

  @inline(__always)
  func multiply(
    _ source: UnsafePointer<Float>, by factors: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    if block == 8 {
      let factor = UnsafeRawPointer(factors).loadUnaligned(as: SIMD8<Float>.self)
      for pixel in 0..<pixels {
        let value = UnsafeRawPointer(source + pixel * 8).loadUnaligned(as: SIMD8<Float>.self)
        UnsafeMutableRawPointer(target + pixel * 8).storeBytes(of: value * factor, as: SIMD8<Float>.self)
      }
    } else {
      for pixel in 0..<pixels {
        for channel in 0..<block {
          target[pixel * block + channel] = source[pixel * block + channel] * factors[channel]
        }
      }
    }
  }

  /// The sum over the pixels of `term` for each channel.
  @inline(__always)
  func sums(_ result: UnsafeMutablePointer<Float>, _ term: (Int, Int) -> Float) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { totals in
      for channel in 0..<block { totals[channel] = 0 }
      for pixel in 0..<pixels {
        for channel in 0..<block { totals[channel] += Double(term(pixel, channel)) }
      }
      for channel in 0..<block { result[channel] = Float(totals[channel]) }
    }
  }
}
