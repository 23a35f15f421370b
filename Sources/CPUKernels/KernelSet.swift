import Tensors

/// The kernel set of this build.
public enum KernelSet {
  /// The standard set: oneDNN where the package was built with it, else the reference.
  public static let standard: any Kernels = {
    #if ONEDNN
      OneDNNKernels()
    #else
      ReferenceKernels()
    #endif
  }()

  /// Returns the kernel set that computes in a precision; nil where this CPU has no arithmetic of it, or this
  /// build no library for it.
  public static func computing(in precision: Precision) -> (any Kernels)? {
    switch precision {
    case .fp32: return standard
    case .bf16:
      #if ONEDNN
        return OneDNNKernels.isNative(.bf16) ? bfloat16 : nil
      #else
        return nil
      #endif
    }
  }

  /// The set of bf16 wherever it runs, as slowly as may be: what tests hold against the others.
  package static let bfloat16: (any Kernels)? = {
    #if ONEDNN
      OneDNNKernels.runs(.bf16) ? OneDNNKernels(precision: .bf16) : nil
    #else
      nil
    #endif
  }()

  /// The kernel sets of Float32 that this build has, for tests that hold them against each other.
  public static var all: [any Kernels] {
    #if ONEDNN
      [ReferenceKernels(), standard]
    #else
      [ReferenceKernels()]
    #endif
  }
}
