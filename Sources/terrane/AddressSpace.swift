import Foundation
import Pipelines
import Runs

/// The memory that a limit of the process leaves it: libraries that find none end the process without a word.
enum AddressSpace {
  /// The least memory in which a small scene is mapped, once all libraries are loaded: with less, PROJ finds
  /// no room for its database and scenes lose their systems.
  private static let least = 128 << 20
  /// The smallest stack on which the command runs.
  private static let leastStack = 128 << 10

  /// Refuses to go on where `ulimit -v` leaves too little.
  ///
  /// - Throws: `EnvironmentFailure`, exit 69.
  static func check() throws(EnvironmentFailure) {
    let probe = mmap(nil, least, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let probe, probe != MAP_FAILED else { throw .noAddressSpace }
    munmap(probe, least)
  }

  /// Refuses to begin on a stack that would overflow.
  ///
  /// - Throws: `EnvironmentFailure`, exit 69.
  static func checkStack() throws(EnvironmentFailure) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0, limit.rlim_cur < leastStack
    else { return }
    throw .smallStack(bytes: UInt64(limit.rlim_cur), least: UInt64(leastStack))
  }
}
