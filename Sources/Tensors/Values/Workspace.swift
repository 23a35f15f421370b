/// Bytes that a kernel leaves for its own adjoint: where maxima came from, which outputs a ReLU let through.
public final class Workspace: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  private let bytes: Int

  /// Uninitialised memory from the pool.
  package init(bytes: Int) {
    self.bytes = bytes
    pointer = MemoryPool.shared.take(bytes)
  }

  deinit { MemoryPool.shared.give(pointer, bytes: bytes) }
}
