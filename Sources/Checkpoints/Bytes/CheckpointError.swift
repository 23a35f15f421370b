import Host

/// The reason why weights could not be read, fitted or written.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: Sendable {
    /// The file does not exist.
    case notFound
    /// The file breaks its format.
    case malformed
    /// The file is sound but does not fit the network: tensors missing, left over or of another shape.
    case mismatch
    /// The card is missing, damaged or contradicts the pipeline.
    case card
    /// The file could not be written.
    case cannotWrite
    /// Reading failed below the format: the medium, permissions, a limit of the system.
    case cannotRead
  }

  /// The kind of failure.
  public let code: Code
  /// The path of the file.
  public let path: String
  /// The fault, with the names of tensors.
  public let problem: String

  /// Creates an error about a file.
  public init(_ code: Code, path: String, _ problem: String) {
    (self.code, self.path, self.problem) = (code, path, problem)
  }

  /// Creates an error about weights from one of the operating system.
  init(_ error: SystemError, isWriting: Bool = false) {
    let reading: Code =
      switch error.kind {
      case .missing: .notFound
      case .refused: .malformed
      case .cannotCreate, .inputOutput: .cannotRead
      }
    self.init(
      isWriting ? .cannotWrite : reading, path: error.path, "cannot \(error.attempted) it: \(error.reason)")
  }

  /// The error as a line: `path: problem`.
  public var description: String { "\(path): \(problem)" }
}
