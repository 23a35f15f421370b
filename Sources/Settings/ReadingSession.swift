import Foundation

/// The state that the readers of a pipeline file share in one pass: the mistakes found so far, and the
/// directory where paths start.
package final class ReadingSession {
  /// The text of the pipeline file, for the snippets below a message.
  package let source: SourceText
  /// The pipeline file as the user named it.
  package var file: String { source.file }
  /// The directory where relative paths start: that of the pipeline file.
  package let directory: URL
  /// Whether paths that are named must exist.
  package let checksPaths: Bool
  /// Whether there is no file and readers only record what they would read.
  package let isDescribing: Bool
  /// The mistakes found so far, in the order they were met.
  package private(set) var diagnostics: [Diagnostic] = []

  /// The files and directories that settings name.
  package var paths: [URL] = []

  /// The number of wrong settings among them; a path that is not there yet is none.
  package var settingMistakes: Int { diagnostics.count { $0.kind == .settings } }

  package init(
    file: String, text: String = "", directory: URL, checksPaths: Bool = true, isDescribing: Bool = false
  ) {
    source = SourceText(file: file, text: text)
    self.directory = directory
    self.checksPaths = checksPaths
    self.isDescribing = isDescribing
  }

  package func report(_ origin: Origin?, _ message: String, kind: Diagnostic.Kind = .settings) {
    guard diagnostics.count < Self.mostMistakes else { return isCutShort = true }
    diagnostics.append(source.diagnostic(kind, at: origin, message))
  }

  /// The most mistakes that are told one by one: nobody reads more, and a file may hold a million.
  private static let mostMistakes = 1000
  private var isCutShort = false

  /// The mistakes in the order of the file, those of the command line and of the whole file first.
  package var sortedDiagnostics: [Diagnostic] {
    let sorted = diagnostics.inOrderOfFile
    guard isCutShort else { return sorted }
    let more = "there are more mistakes than these \(sorted.count)"
    return sorted + [source.diagnostic(.settings, at: nil, more)]
  }
}
