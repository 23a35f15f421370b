import Numerics
import Tensors

/// Operations that treat every stored number alike, whatever the layout: shared by all kernel sets.
///
/// They are bound by memory, not arithmetic, so plain Swift is as fast as a library here.
extension HostKernels {
  /// Adds two tensors of one shape, in the layout that both have or else in row-major order.
  package func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right) { $0 + $1 }
  }

  /// Adds two tensors of one shape and replaces negative sums by 0.
  package func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right) { a, b in
      let sum = a + b
      return sum < 0 ? 0 : sum  // NaN goes through
    }
  }

  /// Keeps the gradient where the output of the ReLU is above 0, and puts 0 elsewhere.
  package func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor {
    combined(gradient, output) { $1 > 0 ? $0 : 0 }
  }

  @inline(__always)
  private func combined(_ left: Tensor, _ right: Tensor, _ operation: (Float, Float) -> Float) -> Tensor {
    precondition(left.shape == right.shape, "shapes differ: \(left.shape) and \(right.shape)")
    let (left, right) = left.layout == right.layout ? (left, right) : (plain(left), plain(right))
    switch left.layout.precision {
    case .fp32: return combined(left, right, as: Float.self, operation)
    case .bf16: return combined(left, right, as: BFloat16.self, operation)
    }
  }

  @inline(__always)
  private func combined<Element: StoredNumber>(
    _ left: Tensor, _ right: Tensor, as type: Element.Type, _ operation: (Float, Float) -> Float
  ) -> Tensor {
    let result = Tensor(uninitialized: left.shape, layout: left.layout)
    let (a, b, c) = (left.elements(type), right.elements(type), result.elements(type))
    parallelChunks(result.storedCount) { range in
      for index in range { c[index] = Element(rounding: operation(a[index].float, b[index].float)) }
    }
    return result
  }
}
