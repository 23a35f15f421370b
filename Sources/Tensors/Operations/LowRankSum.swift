import Numerics

/// W + s B A: filters `[K, ...]` of M numbers each and the product of B `[K, r, ...]` and A `[r, ...]`, of n
/// numbers a row.
///
/// Where n is M the product is added to the whole of W; where M is a multiple of n, to every (M / n)-th
/// number of a filter from `tap` on: to one tap of each channel of a kernel. Two products of r rows, and a
/// copy of W.
struct LowRankSum: PlainOperation {
  package let scale: Float
  package let tap: Int

  /// Filters that one thread works on at a time.
  private static let strip = 64

  package func shape(of inputs: [Shape]) -> Shape {
    let (weight, reduction, expansion) = (inputs[0], inputs[1], inputs[2])
    let sizes = sizes(inputs)
    precondition(
      weight[0] == expansion[0] && expansion.count == weight[0] * reduction[0] && sizes.row > 0
        && sizes.filter % sizes.row == 0 && tap < sizes.filter / sizes.row,
      "the product of \(expansion) and \(reduction) does not fit a weight \(weight) at tap \(tap)")
    return weight
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (filters, rank, filter, row, taps) = sizes(inputs.map(\.shape))
    let (reduction, expansion) = (inputs[1].hostValues, inputs[2].hostValues)
    parallelLoop((filters + Self.strip - 1) / Self.strip) { index in
      let first = index * Self.strip
      let count = min(Self.strip, filters - first)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count * row) { scratch in
        let product = scratch.baseAddress!
        MatrixProduct(rows: count, columns: row, inner: rank)
          .compute(expansion + first * rank, reduction, into: product)
        let (source, target) = (inputs[0].hostValues + first * filter, result.hostValues + first * filter)
        target.update(from: source, count: count * filter)
        for place in 0..<count * row { target[place * taps + tap] += scale * product[place] }
      }
    }
  }

  /// dA = s B' dW, dB = s dW A', both of the taps that A and B are added to.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (filters, rank, _, row, taps) = sizes(inputs.map(\.shape))
    var gradients: [Tensor?] = [wanted[0] ? gradient : nil, nil, nil]
    guard wanted[1] || wanted[2] else { return gradients }
    let scaled = Tensor(uninitialized: [filters, row])
    for place in 0..<filters * row {
      scaled.hostValues[place] = scale * gradient.hostValues[place * taps + tap]
    }
    if wanted[1] {
      let reduction = Tensor(uninitialized: inputs[1].shape)
      MatrixProduct(rows: rank, columns: row, inner: filters, transposeLeft: true)
        .compute(inputs[2].hostValues, scaled.hostValues, into: reduction.hostValues)
      gradients[1] = reduction
    }
    if wanted[2] {
      let expansion = Tensor(uninitialized: inputs[2].shape)
      MatrixProduct(rows: filters, columns: rank, inner: row, transposeRight: true)
        .compute(scaled.hostValues, inputs[1].hostValues, into: expansion.hostValues)
      gradients[2] = expansion
    }
    return gradients
  }

  /// Filters, rank, numbers of a filter and of a row of A, and how many of the former there are to one of the
  /// latter.
  private func sizes(_ inputs: [Shape]) -> (filters: Int, rank: Int, filter: Int, row: Int, taps: Int) {
    let (filters, rank) = (inputs[0][0], inputs[1][0])
    let (filter, row) = (inputs[0].count / max(1, filters), inputs[1].count / max(1, rank))
    return (filters, rank, filter, row, filter / max(1, row))
  }
}

extension Tape {
  /// Returns a weight plus `scale` times the product of `expansion` `[K, r, ...]` and `reduction` `[r, ...]`:
  /// of all of each filter, or where a row of `reduction` has a number a channel only, of the kernel's tap
  /// `tap`, counted row by row.
  public func lowRankSum(
    _ weight: Value, reduction: Value, expansion: Value, scale: Float, tap: Int = 0
  ) -> Value {
    apply(LowRankSum(scale: scale, tap: tap), to: weight, reduction, expansion)
  }
}
