import Foundation

/// The reason why the operating system did not do what was asked of it, with the file's name and the system's
/// own reason.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The cause of a failure.
  public enum Problem: Sendable, Hashable {
    /// The system's error number.
    case number(Int32)
    /// The path names something else than a regular file: "a pipe".
    case notRegular(String)
    /// The file has more bytes than are read of its kind.
    case tooLarge(bytes: Int, limit: Int)
    /// The reason as Foundation tells it, where it has lost the system's number.
    case told(String)
  }

  /// The meaning of a failure for the caller.
  public enum Kind: Sendable, Hashable {
    /// The file or directory does not exist.
    case missing
    /// The file exists, but is none that is read.
    case refused
    /// The file cannot be created or replaced.
    case cannotCreate
    /// The medium, a limit of the system, permissions.
    case inputOutput
  }

  /// The attempted operation: "read", "write to", "list".
  public let attempted: String
  /// The file or directory, or a stream: "standard output".
  public let path: String
  /// The cause of the failure.
  public let problem: Problem
  private let isWriting: Bool

  /// Creates an error about a path.
  public init(_ attempted: String, _ path: String, _ problem: Problem, isWriting: Bool = false) {
    (self.attempted, self.path, self.problem, self.isWriting) = (attempted, path, problem, isWriting)
  }

  /// Returns the error of the system call that has just failed on this thread.
  static func last(_ attempted: String, _ path: String, isWriting: Bool = false) -> SystemError {
    SystemError(attempted, path, .number(errno), isWriting: isWriting)
  }

  /// The system's number of the error, where it told one.
  public var number: Int32? { if case .number(let number) = problem { number } else { nil } }

  /// Whether the disk is full.
  public var isDiskFull: Bool { number == ENOSPC }

  /// The reason without the path.
  public var reason: String {
    switch problem {
    case .number(let number): String(cString: strerror(number))
    case .notRegular(let what): "not a regular file (\(what))"
    case .tooLarge(let bytes, let limit): "it has \(bytes) bytes; \(limit) are the most that is read"
    case .told(let text): text
    }
  }

  /// The meaning of the failure.
  public var kind: Kind {
    switch problem {
    case .number(let number) where isWriting:
      [EACCES, EPERM, EROFS, ENOENT, ENOTDIR, EEXIST, EISDIR, ENAMETOOLONG].contains(number)
        ? .cannotCreate : .inputOutput
    case .number(let number):
      number == ENOENT || number == ENOTDIR ? .missing : .inputOutput
    case .notRegular: isWriting ? .cannotCreate : .refused
    case .tooLarge: .refused
    case .told: .inputOutput
    }
  }

  /// `cannot <attempted> <path>: <reason>`.
  public var description: String { "cannot \(attempted) \(path): \(reason)" }
}

extension SystemError {
  /// Makes an error from one of Foundation's file calls; nil for an error of another kind.
  ///
  /// Foundation's own text is "The operation could not be completed" or the name of a domain.
  public init?(foundation error: any Error) {
    let error = error as NSError
    guard error.domain == NSCocoaErrorDomain || error.domain == NSPOSIXErrorDomain else { return nil }
    let path =
      error.userInfo[NSFilePathErrorKey] as? String ?? (error.userInfo[NSURLErrorKey] as? URL)?.path
      ?? "a file"
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
    let number: Int32? =
      if error.domain == NSPOSIXErrorDomain {
        Int32(error.code)
      } else if let underlying, underlying.domain == NSPOSIXErrorDomain {
        Int32(underlying.code)
      } else {
        Self.numbers[error.code]
      }
    // Cocoa numbers its failures of writing from 512 on.
    let isWriting = error.domain == NSCocoaErrorDomain && (512..<768).contains(error.code)
    self.init(
      isWriting ? "write" : "read", path,
      number.map(Problem.number) ?? .told("Foundation's error \(error.code)"),
      isWriting: isWriting)
  }

  /// The numbers of the system that Cocoa's stand for.
  private static let numbers: [Int: Int32] = [
    4: ENOENT, 257: EACCES, 258: EINVAL, 260: ENOENT, 263: EFBIG, 513: EACCES, 514: EINVAL, 516: EEXIST,
    640: ENOSPC, 642: EROFS,
  ]
}
