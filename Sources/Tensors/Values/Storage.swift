/// The memory that the elements of a tensor lie in.
///
/// It need not be the host's. Host code asks a tensor for its values (``Tensor/withValues(_:)``,
/// ``Tensor/mutate(_:)``, ``Tensor/onHost``), and memory that the host does not address is copied there and
/// back, by the two functions below.
package protocol Storage: AnyObject, Sendable {
  /// The device whose memory it is.
  var device: Device { get }
  /// The number of bytes.
  var bytes: Int { get }
  /// The address of the bytes on the host; nil where the host does not address them.
  var hostAddress: UnsafeMutableRawPointer? { get }

  /// Copies all bytes to the host's memory at `target`.
  func copy(to target: UnsafeMutableRawPointer)
  /// Replaces all bytes by those in the host's memory at `source`.
  func replace(by source: UnsafeRawPointer)
}

/// Memory of the host: a block of the pool, or some that somebody else owns.
package final class HostStorage: Storage, @unchecked Sendable {
  /// The address of the bytes, aligned to cache lines where they are the pool's.
  package let address: UnsafeMutableRawPointer
  package let bytes: Int
  private let isOfPool: Bool

  /// Uninitialised memory of the pool, which gets it back.
  package init(bytes: Int) {
    (address, self.bytes, isOfPool) = (MemoryPool.shared.take(bytes), bytes, true)
  }

  /// Memory of somebody else's, who keeps it longer than this object lives.
  package init(at address: UnsafeMutableRawPointer, bytes: Int) {
    (self.address, self.bytes, isOfPool) = (address, bytes, false)
  }

  deinit { if isOfPool { MemoryPool.shared.give(address, bytes: bytes) } }

  package var device: Device { .host }
  package var hostAddress: UnsafeMutableRawPointer? { address }

  package func copy(to target: UnsafeMutableRawPointer) { target.copyMemory(from: address, byteCount: bytes) }
  package func replace(by source: UnsafeRawPointer) { address.copyMemory(from: source, byteCount: bytes) }
}

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

/// The memory that holds numbers, and the kernels that compute on it.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  /// The device's name: `host`, or a name of the kernel set that computes on it.
  public let description: String

  /// Creates a device of a kernel set.
  public init(_ name: String) { description = name }

  /// The processor that runs the program, and its memory.
  public static let host = Device("host")
}
