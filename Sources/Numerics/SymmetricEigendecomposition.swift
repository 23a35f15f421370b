import COpenBLAS

/// Eigenvalues and orthonormal eigenvectors of a symmetric matrix, by LAPACK's divide and conquer (dsyevd).
package struct SymmetricEigendecomposition: Sendable {
  /// Ascending.
  package let values: [Double]
  /// Row `i` is the eigenvector of `values[i]`; its sign is arbitrary.
  package let vectors: DoubleMatrix

  /// Decomposes a symmetric matrix, of which the upper triangle is read.
  ///
  /// Nil where a number is not finite, or the iteration does not converge.
  ///
  /// - Complexity: O(n^3): some seconds at n = 2,048.
  package init?(_ matrix: DoubleMatrix) {
    precondition(matrix.rows == matrix.columns, "eigenvalues of [\(matrix.rows), \(matrix.columns)]")
    precondition(matrix.rows <= 16_384, "eigenvalues of a matrix of order \(matrix.rows)")
    guard matrix.values.allSatisfy(\.isFinite) else { return nil }
    guard matrix.rows > 0 else {
      (values, vectors) = ([], matrix)
      return
    }
    var order = Int32(matrix.rows)
    var rows = matrix.values
    var values = [Double](repeating: 0, count: matrix.rows)
    var (length, integerLength, status) = (Int32(-1), Int32(-1), Int32(0))
    var work = [0.0]
    var integerWork = [Int32(0)]
    // The first call asks how much memory the second needs. Fortran counts columns first: the upper triangle
    // of rows is the lower one of columns, and an eigenvector's numbers stand one after the other.
    for _ in 0..<2 {
      dsyevd_(
        "V", "L", &order, &rows, &order, &values, &work, &length, &integerWork, &integerLength, &status, 1, 1)
      guard status == 0 else { return nil }
      if length < 0 {
        (length, integerLength) = (Int32(work[0]), integerWork[0])
        work = [Double](repeating: 0, count: Int(length))
        integerWork = [Int32](repeating: 0, count: Int(integerLength))
      }
    }
    self.values = values
    vectors = DoubleMatrix(rows, rows: matrix.rows, columns: matrix.rows)
  }
}
