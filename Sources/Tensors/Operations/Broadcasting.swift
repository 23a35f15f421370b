import Numerics

/// The sum or the product of two tensors of which the right one is repeated along the axes where its extent
/// is 1.
package struct Broadcasting: PlainOperation {
  package enum Kind { case sum, product }
  package let kind: Kind

  package func shape(of inputs: [Shape]) -> Shape {
    _ = Repetition(inputs[1], over: inputs[0])
    return inputs[0]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (left, right) = (inputs[0].hostValues, inputs[1].hostValues)
    let repetition = Repetition(inputs[1].shape, over: inputs[0].shape)
    repetition.forEachRow { row, offset, step in
      let range = row * repetition.count..<(row + 1) * repetition.count
      switch kind {
      case .sum:
        for index in range {
          result.hostValues[index] = left[index] + right[offset + (index - range.lowerBound) * step]
        }
      case .product:
        for index in range {
          result.hostValues[index] = left[index] * right[offset + (index - range.lowerBound) * step]
        }
      }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    var leftGradient: Tensor?
    if wanted[0] {
      leftGradient = gradient
      if kind == .product {
        leftGradient = Tensor(uninitialized: gradient.shape)
        compute([gradient, inputs[1]], into: leftGradient!)
      }
    }
    guard wanted[1] else { return [leftGradient, nil] }
    var sums = Array(repeating: 0.0, count: inputs[1].shape.count)
    let repetition = Repetition(inputs[1].shape, over: inputs[0].shape)
    for row in 0..<repetition.rows {
      let (offset, step) = repetition.place(row)
      for index in 0..<repetition.count {
        let place = row * repetition.count + index
        let term = gradient.hostValues[place] * (kind == .product ? inputs[0].hostValues[place] : 1)
        sums[offset + index * step] += Double(term)
      }
    }
    return [leftGradient, Tensor(sums.map { Float($0) }, shape: inputs[1].shape)]
  }
}

/// The places where the elements of a smaller tensor meet those of a larger one; axes are matched from the
/// last one on.
private struct Repetition {
  /// Rows of the larger tensor, and elements of each.
  package let rows, count: Int
  private let extents, steps: [Int]
  private let innerStep: Int

  package init(_ small: Shape, over large: Shape) {
    let padded = Array(repeating: 1, count: max(0, large.rank - small.rank)) + small.extents
    precondition(
      padded.count == large.rank && zip(padded, large.extents).allSatisfy { $0 == 1 || $0 == $1 },
      "\(small) cannot be repeated over \(large)")
    var (stride, strides) = (1, Array(repeating: 0, count: padded.count))
    for axis in padded.indices.reversed() {
      strides[axis] = padded[axis] == 1 ? 0 : stride
      stride *= padded[axis]
    }
    count = large.extents.last ?? 1
    rows = count == 0 ? 0 : large.count / count
    innerStep = strides.last ?? 0
    (extents, steps) = (Array(large.extents.dropLast()), Array(strides.dropLast()))
  }

  /// Returns the element that meets the first one of a row, and the step from there.
  package func place(_ row: Int) -> (offset: Int, step: Int) {
    var (rest, offset) = (row, 0)
    for axis in extents.indices.reversed() {
      offset += rest % extents[axis] * steps[axis]
      rest /= extents[axis]
    }
    return (offset, innerStep)
  }

  package func forEachRow(_ body: (_ row: Int, _ offset: Int, _ step: Int) -> Void) {
    let strip = max(1, 8192 / max(1, count))
    parallelLoop((rows + strip - 1) / strip) { index in
      for row in index * strip..<min((index + 1) * strip, rows) {
        let (offset, step) = place(row)
        body(row, offset, step)
      }
    }
  }
}

extension Tape {
  /// `left + right`, the right one repeated along the axes where its extent is 1 or missing (the first ones).
  public func broadcastSum(_ left: Value, _ right: Value) -> Value {
    apply(Broadcasting(kind: .sum), to: left, right)
  }

  /// `left * right`, the right one repeated along the axes where its extent is 1 or missing (the first ones).
  public func broadcastProduct(_ left: Value, _ right: Value) -> Value {
    apply(Broadcasting(kind: .product), to: left, right)
  }
}
