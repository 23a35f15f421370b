import Host

/// An error about a raster or vector file, with what was attempted on it and the message of the library
/// below.
///
/// The text of an error always names the file and, where there is one, the band or window.
public struct RasterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// There is no such file or directory.
    case notFound
    /// The path is refused before it is opened: a virtual or remote path, or one that leaves its directory.
    case refusedPath
    /// The file is damaged, or is no raster or vector file at all.
    case unreadable
    /// The file is well formed but of a kind that is not read: a VRT without permission, complex numbers.
    case unsupported
    /// A band that is asked for is not in the file or directory, or cannot be told from the others.
    case missingBand
    /// Two rasters that must lie on one grid do not.
    case gridMismatch
    /// A coordinate reference system is needed and there is none, or none that is understood.
    case noCRS
    /// Nothing in the labels falls on the scene or into the classes.
    case noLabels
    /// The field or layer of a vector file is not there, or its values cannot be used.
    case badField
    /// The file declares more pixels or larger blocks than are accepted.
    case tooLarge
    /// An output cannot be created where it is wanted.
    case cannotCreate
    /// The disk is full.
    case diskFull
    /// Reading or writing failed below the format: the medium, permissions, a limit of the system.
    case inputOutput
    /// An output did not read back as it was written.
    case notVerified
    /// GDAL is not installed, or not the release that terrane was built with.
    case noLibrary
  }

  /// The kind of failure.
  public let code: Code
  /// The attempted operation, as a clause without the path: "read rows 0..<64 of band 2".
  public let attempted: String
  /// The file or directory at fault.
  public let path: String?
  /// The value found instead of the expected one, or the message of the library below.
  public let cause: String?

  /// Creates an error from its parts.
  public init(_ code: Code, _ attempted: String, path: String? = nil, cause: String? = nil) {
    self.code = code
    self.attempted = attempted
    self.path = path
    self.cause = cause
  }

  /// Makes an error about a raster from a refusal of the operating system.
  package init(_ error: SystemError, _ attempted: String) {
    let code: Code =
      switch error.kind {
      case .missing: .notFound
      case .refused: .refusedPath
      case .cannotCreate: .cannotCreate
      case .inputOutput: error.isDiskFull ? .diskFull : .inputOutput
      }
    self.init(code, attempted, path: error.path, cause: error.reason)
  }

  /// Whether the data are at fault, so that trying again cannot help.
  public var isBadData: Bool {
    switch code {
    case .notFound, .cannotCreate, .diskFull, .inputOutput, .notVerified, .noLibrary: false
    default: true
    }
  }

  /// `path: cannot <attempted>: <cause>`, on one line.
  public var description: String {
    let subject = path.map { "\($0): " } ?? ""
    let reason = cause.map { ": \($0)" } ?? ""
    return "\(subject)cannot \(attempted)\(reason)"
  }
}
