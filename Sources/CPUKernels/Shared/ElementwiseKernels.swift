import Numerics
import Tensors

/// Operations that treat every stored number alike, whatever the layout: shared by all kernel sets.
///
/// They are bound by memory, not arithmetic, so plain Swift is as fast as a library here.
extension HostKernels {
  /// Adds two tensors of one shape, in the layout that both have or else in row-major order.
  package func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right, by: Sum.self)
  }

  /// Adds two tensors of one shape and replaces negative sums by 0.
  package func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right, by: RectifiedSum.self)
  }

  /// Keeps the gradient where the output of the ReLU is above 0, and puts 0 elsewhere.
  package func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor {
    combined(gradient, output, by: PassedGradient.self)
  }

  private func combined<Operation: PairOperation>(
    _ left: Tensor, _ right: Tensor, by operation: Operation.Type
  ) -> Tensor {
    precondition(left.shape == right.shape, "shapes differ: \(left.shape) and \(right.shape)")
    let (left, right) = left.layout == right.layout ? (left, right) : (plain(left), plain(right))
    let result = Tensor(uninitialized: left.shape, layout: left.layout)
    switch left.layout.precision {
    case .fp32:
      let (a, b, c) = (left.hostValues, right.hostValues, result.hostValues)
      parallelChunks(result.storedCount) { range in
        for index in range { c[index] = Operation.result(a[index], b[index]) }
      }
    case .bf16:
      let type = BFloat16.self
      let (a, b, c) = (left.elements(type), right.elements(type), result.elements(type))
      parallelChunks(result.storedCount) { range in
        for index in range {
          c[index] = BFloat16(rounding: Operation.result(a[index].float, b[index].float))
        }
      }
    }
    return result
  }
}

/// A function of two numbers: a type, so that a loop over many is compiled for it.
private protocol PairOperation {
  static func result(_ left: Float, _ right: Float) -> Float
}

private enum Sum: PairOperation {
  @inline(__always) static func result(_ left: Float, _ right: Float) -> Float { left + right }
}

private enum RectifiedSum: PairOperation {
  @inline(__always) static func result(_ left: Float, _ right: Float) -> Float {
    let sum = left + right
    return sum < 0 ? 0 : sum  // NaN goes through
  }
}

/// A gradient where the output of a ReLU is above 0, and 0 elsewhere.
private enum PassedGradient: PairOperation {
  @inline(__always) static func result(_ left: Float, _ right: Float) -> Float { right > 0 ? left : 0 }
}
