/// Where numbers lie and are computed with.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  /// What it is called: `host`, or a name of the kernel set that computes on it.
  public let description: String

  /// A device of a kernel set.
  public init(_ name: String) { description = name }

  /// The processor that runs the program, and its memory.
  public static let host = Device("host")
}
