/// A fault of a file that a job has made.
package struct FileFault {
  /// The kinds of faults, in the words that follow a path.
  package enum Kind: String, Sendable {
    /// The file is no longer there.
    case gone = "is gone"
    /// The file's content is not what was recorded.
    case changed
    /// Another job or key has left a file of this name.
    case replaced = "was replaced"
    /// The path is a directory, in which the job has left nothing.
    case empty = "has no file"
    /// The system does not read the file.
    case unreadable = "cannot be read"
  }

  /// The path, relative to the output directory.
  let path: String
  /// The fault.
  let kind: Kind

  var description: String { "\(path) \(kind.rawValue)" }
}
