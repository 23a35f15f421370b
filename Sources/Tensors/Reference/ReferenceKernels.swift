import COpenBLAS

/// The kernel set that needs nothing but OpenBLAS: matrix products and plain Swift.
///
/// It is the oracle of the other sets in tests, and what is built where oneDNN is missing. Tensors are plain throughout.
/// Work is split over the images of a batch, never within a sum, so that results do not depend on the thread count.
public struct ReferenceKernels: Kernels {
  /// A kernel set; it has no state.
  public init() { openblas_set_num_threads(1) }

  /// The library that multiplies the matrices and the CPU whose code it took: bytes can differ between these.
  public var name: String { "reference (OpenBLAS \(String(cString: openblas_get_corename())))" }

  /// Nothing is prepared here.
  public func releasePrepared() {}

  /// See ``Kernels/plain(_:)``.
  public func plain(_ input: Tensor) -> Tensor {
    precondition(input.layout == .plain, "the reference kernels make plain tensors only")
    return input
  }

  /// See ``Kernels/matrixProduct(_:_:transposeLeft:transposeRight:)``.
  public func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool)
    -> Tensor
  {
    let (rows, inner) = transposeLeft ? (left.shape[1], left.shape[0]) : (left.shape[0], left.shape[1])
    let (innerRight, columns) =
      transposeRight ? (right.shape[1], right.shape[0]) : (right.shape[0], right.shape[1])
    precondition(inner == innerRight, "matrices \(left.shape) and \(right.shape) do not chain")
    let result = Tensor(uninitialized: [rows, columns])
    MatrixProduct(
      rows: rows, columns: columns, inner: inner, transposeLeft: transposeLeft, transposeRight: transposeRight
    )
    .compute(left.storage, right.storage, into: result.storage)
    return result
  }
}

/// One `C = op(A) op(B)` of row-major matrices, optionally added to what C holds.
///
/// A stride is the distance between two rows in memory, for matrices that are part of a wider one; nil where rows are dense.
struct MatrixProduct {
  let rows: Int
  let columns: Int
  let inner: Int
  var transposeLeft = false
  var transposeRight = false
  var leftStride: Int?
  var rightStride: Int?
  var resultStride: Int?
  var accumulates = false

  func compute(
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
