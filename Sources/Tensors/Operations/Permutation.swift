import Numerics

/// Axes in another order.
package struct Permutation: PlainOperation {
  /// The axis of the input that each axis of the result is.
  package let axes: [Int]

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(
      axes.sorted() == Array(0..<inputs[0].rank), "axes \(axes) are not those of a tensor \(inputs[0])")
    return Shape(axes.map { inputs[0][$0] })
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    // Every permutation of [a.., b.., c..] that swaps two neighbouring runs of axes is a batch of
    // transpositions.
    if let swap = TwoRuns(axes, of: inputs[0].shape) {
      swap.transpose(inputs[0].hostValues, into: result.hostValues)
    } else {
      gather(inputs[0], into: result)
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    var inverse = axes
    for (place, axis) in axes.enumerated() { inverse[axis] = place }
    let back = Tensor(uninitialized: inputs[0].shape)
    Permutation(axes: inverse).compute([gradient], into: back)
    return [back]
  }

  /// Gathers the result row by row, along its last axis.
  private func gather(_ input: Tensor, into result: Tensor) {
    let rank = axes.count
    var strides = Array(repeating: 1, count: rank)
    for axis in (0..<max(0, rank - 1)).reversed() {
      strides[axis] = strides[axis + 1] * input.shape[axis + 1]
    }
    let steps = axes.map { strides[$0] }
    let extents = result.shape.extents
    let (count, step) = (extents.last ?? 1, steps.last ?? 1)
    parallelLoop(count == 0 ? 0 : result.shape.count / count) { row in
      var (rest, offset) = (row, 0)
      for axis in (0..<rank - 1).reversed() {
        offset += rest % extents[axis] * steps[axis]
        rest /= extents[axis]
      }
      let (source, target) = (input.hostValues + offset, result.hostValues + row * count)
      if step == 1 {
        target.update(from: source, count: count)
      } else {
        for index in 0..<count { target[index] = source[index * step] }
      }
    }
  }
}

/// `[outer, rows, columns, inner]` to `[outer, columns, rows, inner]`.
private struct TwoRuns {
  package let outer, rows, columns, inner: Int

  package init?(_ axes: [Int], of shape: Shape) {
    let rank = axes.count
    guard let first = (0..<rank).first(where: { axes[$0] != $0 }) else {
      (outer, rows, columns, inner) = (1, 1, 1, shape.count)
      return
    }
    let last = (0..<rank).last { axes[$0] != $0 }!
    let middle = axes[first]
    guard Array(axes[first...last]) == Array(middle...last) + Array(first..<middle) else { return nil }
    func product(_ range: Range<Int>) -> Int { range.reduce(1) { $0 * shape[$1] } }
    (outer, rows) = (product(0..<first), product(first..<middle))
    (columns, inner) = (product(middle..<last + 1), product(last + 1..<rank))
  }

  /// Transposes in squares of 16, so that both sides stay in the cache.
  func transpose(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
    let edge = 16
    let strips = (columns + edge - 1) / edge
    parallelLoop(outer * strips) { index in
      let (image, strip) = (index / strips, index % strips)
      let (from, to) = (source + image * rows * columns * inner, target + image * rows * columns * inner)
      let range = strip * edge..<min((strip + 1) * edge, columns)
      for first in stride(from: 0, to: rows, by: edge) {
        for column in range {
          for row in first..<min(first + edge, rows) {
            if inner == 1 {
              to[column * rows + row] = from[row * columns + column]
            } else {
              (to + (column * rows + row) * inner).update(
                from: from + (row * columns + column) * inner, count: inner)
            }
          }
        }
      }
    }
  }
}

extension Tape {
  /// Axis i of the result is axis `axes[i]` of the input.
  public func permuted(_ input: Value, axes: [Int]) -> Value { apply(Permutation(axes: axes), to: input) }
}
