import Numerics

/// Products of the last two axes, one for each place of the others: `[..., m, k]` by `[..., k, n]`, either
/// one given transposed.
struct MatrixProducts: PlainOperation {
  package var transposeLeft = false
  package var transposeRight = false

  package func shape(of inputs: [Shape]) -> Shape {
    let sizes = sizes(inputs[0], inputs[1])
    return Shape(inputs[0].extents.dropLast(2) + [sizes.rows, sizes.columns])
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (left, right) = (inputs[0], inputs[1])
    let (count, rows, inner, columns) = sizes(left.shape, right.shape)
    let product = MatrixProduct(
      rows: rows, columns: columns, inner: inner, transposeLeft: transposeLeft, transposeRight: transposeRight
    )
    parallelLoop(count) { index in
      product.compute(
        left.hostValues + index * rows * inner, right.hostValues + index * inner * columns,
        into: result.hostValues + index * rows * columns)
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    func product(_ left: Tensor, _ right: Tensor, _ transposeLeft: Bool, _ transposeRight: Bool) -> Tensor {
      let operation = MatrixProducts(transposeLeft: transposeLeft, transposeRight: transposeRight)
      let product = Tensor(uninitialized: operation.shape(of: [left.shape, right.shape]))
      operation.compute([left, right], into: product)
      return product
    }
    let (left, right) = (inputs[0], inputs[1])
    return [
      !wanted[0]
        ? nil
        : transposeLeft
          ? product(right, gradient, transposeRight, true) : product(gradient, right, false, !transposeRight),
      !wanted[1]
        ? nil
        : transposeRight
          ? product(gradient, left, true, transposeLeft) : product(left, gradient, !transposeLeft, false),
    ]
  }

  private func sizes(_ left: Shape, _ right: Shape) -> (count: Int, rows: Int, inner: Int, columns: Int) {
    let (a, b) = (Array(left.extents.suffix(2)), Array(right.extents.suffix(2)))
    let outer = left.extents.dropLast(2)
    precondition(
      left.rank >= 2 && right.rank == left.rank && outer == right.extents.dropLast(2)
        && a[transposeLeft ? 0 : 1] == b[transposeRight ? 1 : 0],
      "matrices \(left) and \(right) do not chain")
    return (
      outer.reduce(1, *), a[transposeLeft ? 1 : 0], a[transposeLeft ? 0 : 1], b[transposeRight ? 0 : 1]
    )
  }
}

extension Tape {
  /// Matrix products of the last two axes, for each place of the axes before, which both sides share.
  public func matrixProducts(
    _ left: Value, _ right: Value, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> Value {
    apply(MatrixProducts(transposeLeft: transposeLeft, transposeRight: transposeRight), to: left, right)
  }
}
