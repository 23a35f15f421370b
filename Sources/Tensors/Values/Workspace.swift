/// Bytes that a kernel leaves for its own adjoint: where maxima came from, which outputs a ReLU let through.
public final class Workspace: Sendable {
  /// The memory, of whatever device the kernels compute on.
  package let storage: any Storage

  /// Memory that a kernel has filled.
  package init(in storage: any Storage) { self.storage = storage }

  /// Uninitialised memory of the host.
  package convenience init(bytes: Int) { self.init(in: HostStorage(bytes: bytes)) }

  /// The bytes in the host's memory.
  package var pointer: UnsafeMutableRawPointer {
    guard let address = storage.hostAddress else {
      preconditionFailure("a kernel of the host has got what one of \(storage.device) left")
    }
    return address
  }
}
