import COpenBLAS

/// A matrix in Double, row by row, for statistics that Float is too coarse for; networks compute on
/// ``Tensor``.
package struct DoubleMatrix: Sendable {
  /// The number of rows.
  package let rows: Int
  /// The number of columns.
  package let columns: Int
  /// `[rows, columns]`.
  package let values: [Double]

  /// Creates a matrix of known content.
  package init(_ values: [Double], rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "\(values.count) values for [\(rows), \(columns)]")
    (self.values, self.rows, self.columns) = (values, rows, columns)
    // With several threads OpenBLAS may sum in another order.
    openblas_set_num_threads(1)
  }

  /// Returns the products of all columns with each other, `A^T A`, `[columns, columns]`.
  package func gram() -> DoubleMatrix {
    var result = [Double](repeating: 0, count: columns * columns)
    guard rows > 0, columns > 0 else { return DoubleMatrix(result, rows: columns, columns: columns) }
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(columns), Int32(rows), 1, values, Int32(columns), 0,
      &result, Int32(columns))
    for row in 0..<columns {
      for column in 0..<row { result[row * columns + column] = result[column * columns + row] }
    }
    return DoubleMatrix(result, rows: columns, columns: columns)
  }

  /// `A x`, `[rows]`.
  package func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columns, "[\(rows), \(columns)] times \(vector.count) values")
    return product(vector, CblasNoTrans, count: rows)
  }

  /// `A^T x`, `[columns]`.
  package func transposedTimes(_ vector: [Double]) -> [Double] {
    precondition(vector.count == rows, "[\(rows), \(columns)] transposed times \(vector.count) values")
    return product(vector, CblasTrans, count: columns)
  }

  private func product(_ vector: [Double], _ transposition: CBLAS_TRANSPOSE, count: Int) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    guard rows > 0, columns > 0 else { return result }
    cblas_dgemv(
      CblasRowMajor, transposition, Int32(rows), Int32(columns), 1, values, Int32(columns), vector, 1, 0,
      &result, 1)
    return result
  }
}
