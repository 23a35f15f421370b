import Foundation

/// Models of other output directories that a pipeline file names as weights
/// (`../out/models/latest/model.safetensors`).
package enum StoredModel {
  /// Holds a file below an output's `models` against what the run that made it has recorded.
  ///
  /// - Parameter digest: the SHA-256 of the file's content.
  /// - Throws: `InputFailure`, exit 65, where the file is not what was recorded.
  package static func check(_ url: URL, digest: String) throws(InputFailure) {
    guard let resolved = realpath(url.path, nil) else { return }
    defer { free(resolved) }
    let path = String(cString: resolved)
    guard let match = path.wholeMatch(of: /(?s)(.+)\/(models\/[0-9a-f]{16}\/.+)/) else { return }
    let output = URL(fileURLWithPath: String(match.1))
    guard let recorded = Ledger.digest(ofModelFile: String(match.2), below: output), recorded != digest else {
      return
    }
    throw .changedModel(url.path, output: output.path)
  }
}
