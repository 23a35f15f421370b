import Foundation
import Host

/// Models of other output directories that a pipeline file names as weights
/// (`../out/models/latest/model.safetensors`).
package enum StoredModel {
  /// Holds a file below an output's `models` against what the run that made it has recorded.
  ///
  /// - Parameter digest: the SHA-256 of the file's content.
  /// - Throws: `InputFailure`, exit 65, where the file is not what was recorded; exit 74 where there is a
  ///   record that cannot be read.
  package static func check(_ url: URL, digest: String) throws(InputFailure) {
    guard let place = place(of: url.path) else { return }
    let recorded: String?
    do throws(SystemError) {
      recorded = try RecordFiles(below: place.output).digest(ofModelFile: place.file)
    } catch {
      throw .unknownModel(url.path, error)
    }
    if let recorded, recorded != digest { throw .changedModel(url.path, output: place.output.path) }
  }

  /// Returns the paths of the records that a file is checked against; none where it lies below no output's
  /// `models`.
  package static func ledgers(of path: String) -> [String] {
    place(of: path).map { RecordFiles.paths(below: $0.output) } ?? []
  }

  /// Returns the output directory that a model's file lies below, and its path there.
  private static func place(of path: String) -> (output: URL, file: String)? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    let path = String(cString: resolved)
    return path.wholeMatch(of: /(?s)(.+)\/(models\/[0-9a-f]{16}\/.+)/).map { match in
      (URL(fileURLWithPath: String(match.1)), String(match.2))
    }
  }
}
