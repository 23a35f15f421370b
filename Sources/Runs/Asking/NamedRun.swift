import Foundation

/// A run as the user names it: by its id, by the path of its directory or of its summary, or `latest`.
package enum NamedRun {
  /// Runs that are named where there is no such one.
  private static let mostKnown = 3

  /// Returns the record of a run.
  ///
  /// - Parameter output: the output directory in which ids are looked up.
  /// - Throws: `AskingFailure.noRun`.
  package static func record(_ name: String, below output: URL) throws(AskingFailure) -> RecordedRun {
    let ids = (try? RunHistory.ids(below: output)) ?? []
    let wanted = name == "latest" ? ids.last : name
    if let wanted, !wanted.contains("/"), let run = RunHistory.run(wanted, below: output) { return run }
    var directory = URL(fileURLWithPath: name).resolvingSymlinksInPath().standardizedFileURL
    if directory.lastPathComponent == "summary.json" { directory.deleteLastPathComponent() }
    let owner = directory.deletingLastPathComponent()
    if owner.lastPathComponent == "runs",
      let run = RunHistory.run(directory.lastPathComponent, below: owner.deletingLastPathComponent())
    {
      return run
    }
    throw .noRun(name, known: Array(ids.suffix(mostKnown)))
  }
}
