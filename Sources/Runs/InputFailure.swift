import Foundation
import Host

/// The reason why a file that a job reads cannot be gone by: each names the file, the last one is of none.
package enum InputFailure: ExitCoded, Hashable {
  /// There is no such file.
  case missing(String)
  /// The system does not show the file; its error number.
  case unseen(String, number: Int32)
  /// The file is not what it was when it was read first.
  case changed(String)
  /// The file is no longer there.
  case went(String)
  /// Next to nothing of the file is on the disk, and it is no raster of that size.
  case sparse(String, bytes: Int, stored: Int)
  /// A model below another output directory is not what was recorded there.
  case changedModel(String, output: String)
  /// A model below another output directory cannot be held against what was recorded there.
  case unknownModel(String, SystemError)
  /// The deadline came before the files of a job were read.
  case unread

  /// One sentence.
  package var description: String {
    switch self {
    case .missing(let path): "\(path): no such file"
    case .unseen(let path, let number): "\(path): \(String(cString: strerror(number)))"
    case .changed(let path): Self.afterReading(path, "changed")
    case .went(let path): Self.afterReading(path, "went")
    case .sparse(let path, let bytes, let stored):
      "cannot read \(path): \(bytes) bytes, of which \(stored) are stored: a sparse file, and no raster of that size"
    case .changedModel(let path, let output):
      "\(path): it is not the model that was made: its content has changed since ('terrane verify \(output)' says "
        + "what else has)"
    case .unknownModel(let path, let error):
      "\(path): nobody can say whether it is the model that was made: \(error)"
    case .unread: "not read: the deadline came first"
    }
  }

  private static func afterReading(_ path: String, _ verb: String) -> String {
    "\(path) \(verb) while it was read: nothing is recorded, the next run reads it again"
  }

  /// The exit code: 66 for what is not there, 75 for what another time may be read, else 65.
  package var exitCode: ExitCode {
    switch self {
    case .missing, .unseen: .noInput
    case .changed, .went, .unread: .tryLater
    case .sparse, .changedModel: .badData
    case .unknownModel: .inputOutput
    }
  }
}
