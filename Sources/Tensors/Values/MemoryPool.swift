import Synchronization

/// Hands out 64-byte aligned memory and keeps what comes back for the next request of the same size.
///
/// A network asks for the same sizes at every step; without the pool each step pays for fresh pages.
public final class MemoryPool: Sendable {
  /// The pool that tensors draw from.
  public static let shared = MemoryPool()

  private struct State: ~Copyable {
    package var free: [Int: [UnsafeMutableRawPointer]] = [:]
  }

  private let state = Mutex(State())

  /// Bytes a request of `bytes` takes: whole cache lines below 64 KiB, else an eighth of its power of two,
  /// so that near sizes share memory and at most 1/8 is wasted.
  package static func capacity(for bytes: Int) -> Int {
    let lines = max(64, (bytes + 63) / 64 * 64)
    guard lines > 65_536 else { return lines }
    let step = 1 << (Int.bitWidth - (lines - 1).leadingZeroBitCount - 4)
    return (lines + step - 1) / step * step
  }

  func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    let capacity = Self.capacity(for: bytes)
    // Addresses cross the lock as bit patterns: a raw pointer is not Sendable, the block it names has one
    // owner.
    let address = state.withLock { state -> UInt in
      if let pointer = state.free[capacity]?.popLast() { return UInt(bitPattern: pointer) }
      return 0
    }
    return UnsafeMutableRawPointer(bitPattern: address) ?? .allocate(byteCount: capacity, alignment: 64)
  }

  func give(_ pointer: UnsafeMutableRawPointer, bytes: Int) {
    let capacity = Self.capacity(for: bytes)
    let address = UInt(bitPattern: pointer)
    state.withLock { $0.free[capacity, default: []].append(UnsafeMutableRawPointer(bitPattern: address)!) }
  }

  /// Returns all unused memory to the system; called between stages of different size.
  public func trim() {
    state.withLock { state in
      for pointers in state.free.values {
        for pointer in pointers { pointer.deallocate() }
      }
      state.free = [:]
    }
  }
}
