import COpenBLAS

/// One `C = op(A) op(B)` of row-major matrices, optionally added to what C holds.
///
/// A stride is the distance between two rows in memory, for matrices that are part of a wider one; nil where
/// rows are dense.
package struct MatrixProduct {
  package let rows: Int
  package let columns: Int
  package let inner: Int
  package let transposeLeft: Bool
  package let transposeRight: Bool
  package let leftStride: Int?
  package let rightStride: Int?
  package let resultStride: Int?
  package let accumulates: Bool

  /// Creates a product of dense matrices, neither one transposed, that replaces what C holds.
  package init(
    rows: Int, columns: Int, inner: Int, transposeLeft: Bool = false, transposeRight: Bool = false,
    leftStride: Int? = nil, rightStride: Int? = nil, resultStride: Int? = nil, accumulates: Bool = false
  ) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    (self.transposeLeft, self.transposeRight) = (transposeLeft, transposeRight)
    (self.leftStride, self.rightStride, self.resultStride) = (leftStride, rightStride, resultStride)
    self.accumulates = accumulates
  }

  /// Multiplies the matrices at `left` and `right`.
  package func compute(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(inner), 1, left, Int32(leftStride ?? (transposeLeft ? rows : inner)),
      right,
      Int32(rightStride ?? (transposeRight ? inner : columns)), accumulates ? 1 : 0, result,
      Int32(resultStride ?? columns))
  }
}
