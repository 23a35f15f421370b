import Numerics
import Tensors

/// Activations work on stored numbers in any layout: shared by all kernel sets.
extension HostKernels {
  /// Applies a function to each stored number; one that moves 0 takes a padded tensor through row-major
  /// order.
  package func activation(_ input: Tensor, _ function: Activation) -> Tensor {
    let input = function.keepsZero ? input : plainWherePadded(input)
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    forEachChunk(result) { range, values in
      values.read(input, range)
      function.apply(to: values.floats, count: range.count)
      values.write(to: result, range)
    }
    return result
  }

  /// Multiplies each gradient by the derivative at the input in the same place.
  package func activationGradient(_ gradient: Tensor, input: Tensor, _ function: Activation) -> Tensor {
    let (gradient, input) =
      gradient.layout == input.layout ? (gradient, input) : (plain(gradient), plain(input))
    let result = Tensor(uninitialized: input.shape, layout: input.layout)
    forEachChunk(result) { range, values in
      values.read(gradient, range)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { inputs in
        let inputs = ChunkValues(floats: inputs.baseAddress!)
        inputs.read(input, range)
        function.differentiate(inputs.floats, into: values.floats, count: range.count)
      }
      values.write(to: result, range)
    }
    return result
  }

  private func plainWherePadded(_ input: Tensor) -> Tensor {
    input.storedCount == input.shape.count ? input : plain(input)
  }

  private func forEachChunk(_ tensor: Tensor, _ body: (Range<Int>, ChunkValues) -> Void) {
    let (chunk, count) = (4096, tensor.storedCount)
    parallelLoop((count + chunk - 1) / chunk) { index in
      let range = index * chunk..<min((index + 1) * chunk, count)
      withScratch(range.count) { body(range, ChunkValues(floats: $0)) }
    }
  }
}

/// Some stored numbers of a tensor as Float32.
private struct ChunkValues {
  let floats: UnsafeMutablePointer<Float>

  func read(_ tensor: Tensor, _ range: Range<Int>) {
    switch tensor.layout.precision {
    case .fp32: floats.update(from: tensor.hostValues + range.lowerBound, count: range.count)
    case .bf16:
      let stored = tensor.elements(BFloat16.self) + range.lowerBound
      for index in 0..<range.count { floats[index] = stored[index].float }
    }
  }

  func write(to tensor: Tensor, _ range: Range<Int>) {
    switch tensor.layout.precision {
    case .fp32: (tensor.hostValues + range.lowerBound).update(from: floats, count: range.count)
    case .bf16:
      let stored = tensor.elements(BFloat16.self) + range.lowerBound
      for index in 0..<range.count { stored[index] = BFloat16(rounding: floats[index]) }
    }
  }
}
