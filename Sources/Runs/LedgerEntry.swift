import Foundation
import Settings

extension Ledger {
  /// A job that was done under one key.
  public struct Entry: Sendable, Hashable, Codable {
    /// The job's id.
    public var job: String
    /// The key it ran under.
    public var key: String
    /// The components of the key, as the text whose SHA-256 the key is. Kept as text because a run with
    /// nothing to do reads every entry and needs the components of none.
    public var keyText: String
    /// The directory of the entry's files, relative to the output directory.
    public var directory: String
    /// The entry's files.
    public var files: [ProducedFile]
    /// The job's findings; nil where terrane 0.1 did it, whose figures had other names.
    public var findings: [Finding]?
    /// The job's warnings to the user.
    public var warnings: [String]
    /// The duration of the job.
    public var seconds: Double
    /// The run that did it.
    public var run: String
    /// Versions of terrane, its kernels and libraries that did it, by name; nil where terrane 0.1 did.
    public var versions: [String: String]?
    /// The time at which the entry was recorded, in seconds since 1970: of two jobs that say that they left
    /// a file the later one did. Nil in a ledger of one file, whose lines stand in their order.
    package var recorded: Double?

    private enum CodingKeys: String, CodingKey {
      case job = "task"
      case key, keyText, directory, files, findings, warnings, seconds, run, versions, recorded
    }

    /// The components of the key; nil where another version of terrane wrote them in another form.
    public var components: KeyComponents? {
      try? JSONDecoder().decode(KeyComponents.self, from: Data(keyText.utf8))
    }

    /// The entry as dependants see it.
    public var output: JobOutput {
      JobOutput(
        job: job, key: key, directory: directory, files: files, findings: findings ?? [],
        warnings: warnings, versions: versions ?? [:])
    }
  }
}
