import Tensors

/// A kernel set whose values lie in host memory.
///
/// Operations that are bound by memory rather than by arithmetic are plain Swift loops over that memory, the
/// same for every such set: they are extensions of this protocol.
package protocol HostKernels: Kernels {}

extension HostKernels {
  /// The host, in whose memory all operands lie as well.
  package var device: Device { .host }
}
