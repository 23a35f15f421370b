/// The memory that holds numbers, and the kernels that compute on it.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  /// The device's name: `host`, or a name of the kernel set that computes on it.
  public let description: String

  /// Creates a device of a kernel set.
  public init(_ name: String) { description = name }

  /// The processor that runs the program, and its memory.
  public static let host = Device("host")
}
