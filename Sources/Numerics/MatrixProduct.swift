import COpenBLAS

#if ONEDNN
  import COneDNN
#endif

/// One `C = op(A) op(B)` of row-major matrices, optionally added to what C holds: by oneDNN, whose code is
/// made for the processor that it meets, else by OpenBLAS. (Debian 12's OpenBLAS has nothing for AMD's
/// AVX-512, where it does half of what oneDNN does.)
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

  private var strides: (left: Int, right: Int, result: Int) {
    (
      leftStride ?? (transposeLeft ? rows : inner), rightStride ?? (transposeRight ? inner : columns),
      resultStride ?? columns
    )
  }

  /// Multiplies the matrices at `left` and `right` on the calling thread.
  package func compute(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    #if ONEDNN
      if rows > 0 && columns > 0 && inner > 0 {
        let (no, yes) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "T")))
        OpenMP.use(1)
        let status = dnnl_sgemm(
          transposeLeft ? yes : no, transposeRight ? yes : no, Int64(rows), Int64(columns), Int64(inner), 1,
          left, Int64(strides.left), right, Int64(strides.right), accumulates ? 1 : 0, result,
          Int64(strides.result))
        precondition(status == dnnl_success, "oneDNN cannot multiply [\(rows), \(inner), \(columns)]")
        return
      }
    #endif
    computeByOpenBLAS(left, right, into: result)
  }

  /// Multiplies the matrices by OpenBLAS in any case: for what other results are held against.
  package func computeByOpenBLAS(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(inner), 1, left, Int32(strides.left), right, Int32(strides.right),
      accumulates ? 1 : 0, result, Int32(strides.result))
  }

  /// Multiplies the matrices, 96 rows of the result at a time on some thread: whole tiles of oneDNN's code,
  /// and the same whatever the number of threads.
  package func computeOnAllThreads(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    let strip = 96
    let strides = strides
    parallelLoop((rows + strip - 1) / strip) { index in
      let first = index * strip
      MatrixProduct(
        rows: min(strip, rows - first), columns: columns, inner: inner, transposeLeft: transposeLeft,
        transposeRight: transposeRight, leftStride: strides.left, rightStride: strides.right,
        resultStride: strides.result, accumulates: accumulates
      ).compute(
        left + first * (transposeLeft ? 1 : strides.left), right, into: result + first * strides.result)
    }
  }
}
