import Foundation

/// What one pass over a pipeline file shares between its readers: the mistakes found so far, and where paths start.
package final class ReadingSession {
  /// The pipeline file as the user named it.
  let file: String
  /// Its lines, for the snippets below a message.
  let lines: [Substring]
  /// Where relative paths start: the directory of the pipeline file.
  let directory: URL
  /// Whether paths that are named must exist.
  let checksPaths: Bool
  /// Whether there is no file and readers only record what they would read.
  let isDescribing: Bool
  /// The mistakes found so far, in the order they were met.
  package private(set) var diagnostics: [Diagnostic] = []

  /// How many of them are wrong settings; a path that is not there yet is none.
  var settingMistakes: Int { diagnostics.count { $0.kind == .settings } }

  package init(
    file: String, text: String = "", directory: URL, checksPaths: Bool = true, isDescribing: Bool = false
  ) {
    self.file = file
    self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.directory = directory
    self.checksPaths = checksPaths
    self.isDescribing = isDescribing
  }

  func report(_ origin: Origin?, _ message: String, kind: Diagnostic.Kind = .settings) {
    var line: String?
    if case .file(let location) = origin, lines.indices.contains(location.line - 1) {
      line = String(lines[location.line - 1].filter { $0 != "\r" && $0 != "\r\n" })
    }
    diagnostics.append(Diagnostic(kind: kind, file: file, origin: origin, message: message, line: line))
  }

  /// The mistakes in the order of the file, those of the command line and of the whole file first.
  var sortedDiagnostics: [Diagnostic] {
    func place(_ diagnostic: Diagnostic) -> Location {
      if case .file(let location) = diagnostic.origin { location } else { Location(line: 0, column: 0) }
    }
    return diagnostics.enumerated()
      .sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
      .map(\.element)
  }
}
