/// Operations that treat every stored float alike, whatever the layout: shared by all kernel sets.
///
/// They are bound by memory, not arithmetic, so plain Swift is as fast as a library here.
extension Kernels {
  /// See ``Kernels/sum(_:_:)``.
  public func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right) { $0 + $1 }
  }

  /// See ``Kernels/rectifiedSum(_:_:)``.
  public func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    combined(left, right) { a, b in
      let sum = a + b
      return sum < 0 ? 0 : sum  // NaN goes through
    }
  }

  /// See ``Kernels/rectifierGradient(_:output:)``.
  public func rectifierGradient(_ gradient: Tensor, output: Tensor) -> Tensor {
    combined(gradient, output) { $1 > 0 ? $0 : 0 }
  }

  @inline(__always)
  private func combined(_ left: Tensor, _ right: Tensor, _ operation: (Float, Float) -> Float) -> Tensor {
    precondition(left.shape == right.shape, "shapes differ: \(left.shape) and \(right.shape)")
    let (left, right) = left.layout == right.layout ? (left, right) : (plain(left), plain(right))
    let result = Tensor(uninitialized: left.shape, layout: left.layout)
    let (a, b, c) = (left.storage, right.storage, result.storage)
    parallelChunks(result.storedCount) { range in
      for index in range { c[index] = operation(a[index], b[index]) }
    }
    return result
  }
}
