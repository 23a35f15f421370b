import COpenBLAS
import Numerics
import Tensors

/// The kernel set that needs nothing but OpenBLAS: matrix products and plain Swift.
///
/// It is the oracle of the other sets in tests, and what is built where oneDNN is missing. Tensors are plain
/// throughout. Work is split over the images of a batch, never within a sum, so that results do not depend on
/// the thread count.
package struct ReferenceKernels: HostKernels {
  /// Creates a kernel set; it has no state.
  package init() { openblas_set_num_threads(1) }

  /// The library that multiplies the matrices and the CPU whose code it took: bytes can differ between these.
  package var name: String { "reference (OpenBLAS \(String(cString: openblas_get_corename())))" }

  /// Releases nothing, because nothing is prepared here.
  package func releasePrepared() {}

  /// Gives the tensor itself: this set makes no other order.
  package func plain(_ input: Tensor) -> Tensor {
    precondition(input.layout == .plain, "the reference kernels make plain tensors only")
    return input
  }

  /// Multiplies two plain matrices, either one given transposed, by OpenBLAS.
  package func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool)
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
    .computeByOpenBLAS(left.hostValues, right.hostValues, into: result.hostValues)
    return result
  }
}
