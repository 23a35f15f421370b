import Host

/// Why weights could not be read, fitted or written.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The kind of trouble.
  public enum Code: Sendable {
    /// There is no such file.
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

  /// The kind of trouble.
  public let code: Code
  /// The file.
  public let path: String
  /// What is wrong, with the names of tensors.
  public let problem: String

  /// An error about a file.
  public init(_ code: Code, path: String, _ problem: String) {
    (self.code, self.path, self.problem) = (code, path, problem)
  }

  /// What the operating system refused, as an error about weights.
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

  /// `path: problem`.
  public var description: String { "\(path): \(problem)" }
}
