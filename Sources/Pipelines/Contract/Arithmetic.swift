import CPUKernels
import Tensors

/// The kernels of a stage's `precision`, or those of Float32 and a warning where this machine has not got it.
struct Arithmetic {
  let kernels: any Kernels
  /// The precision that is computed in.
  let precision: Precision
  /// Warnings to the user; empty where the precision is the one that was asked for.
  let warnings: [String]

  init(_ wanted: Precision) {
    if let kernels = KernelSet.computing(in: wanted) {
      (self.kernels, precision, warnings) = (kernels, wanted, [])
    } else {
      (kernels, precision) = (KernelSet.standard, .fp32)
      warnings = [
        "precision \(wanted.rawValue) was asked for; this machine cannot compute in it (that takes oneDNN and a CPU with "
          + "AVX-512 BF16), so fp32 was used"
      ]
    }
  }
}
