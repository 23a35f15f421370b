/// Reductions of a row to one number, in eight partial results: their order is that of the row alone.
extension UnsafePointer<Float> {
  /// Returns the sum of `count` numbers.
  @inline(__always)
  package func sum(_ count: Int) -> Float { sum(count) { $0 } }

  /// Returns the sum of the squares of what `count` numbers differ from `center`.
  @inline(__always)
  package func squares(_ count: Int, around center: Float) -> Float {
    sum(count) { values in
      let differences = values - center
      return differences * differences
    }
  }

  /// Returns the sum of the products of `count` numbers with others.
  @inline(__always)
  package func products(_ count: Int, with others: UnsafePointer<Float>) -> Float {
    var partial = SIMD8<Float>.zero
    let whole = count & ~7
    for first in stride(from: 0, to: whole, by: 8) { partial += eight(at: first) * others.eight(at: first) }
    for index in whole..<count { partial[index - whole] += self[index] * others[index] }
    return partial.sum()
  }

  /// Returns the largest of `count` numbers; NaN is none.
  @inline(__always)
  package func largest(_ count: Int) -> Float {
    var partial = SIMD8<Float>(repeating: -.infinity)
    let whole = count & ~7
    for first in stride(from: 0, to: whole, by: 8) {
      let values = eight(at: first)
      partial.replace(with: values, where: values .> partial)
    }
    var largest = partial.max()
    for index in whole..<count where self[index] > largest { largest = self[index] }
    return largest
  }

  /// Returns the sum of a function of each number.
  @inline(__always)
  private func sum(_ count: Int, _ function: (SIMD8<Float>) -> SIMD8<Float>) -> Float {
    var partial = SIMD8<Float>.zero
    let whole = count & ~7
    for first in stride(from: 0, to: whole, by: 8) { partial += function(eight(at: first)) }
    var rest = SIMD8<Float>.zero
    for index in whole..<count { rest[index - whole] = self[index] }
    let values = function(rest)
    for index in 0..<count - whole { partial[index] += values[index] }
    return partial.sum()
  }

  @inline(__always)
  private func eight(at first: Int) -> SIMD8<Float> {
    UnsafeRawPointer(self + first).loadUnaligned(as: SIMD8<Float>.self)
  }
}
