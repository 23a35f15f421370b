import Foundation
import Settings

extension Ledger {
  /// A task that was done under one key.
  public struct Entry: Sendable, Hashable, Codable {
    /// The task's id.
    public var task: String
    /// The key it ran under.
    public var key: String
    /// What the key is made of, as the text whose SHA-256 the key is. Kept as text because a run with nothing
    /// to do reads every entry and needs the components of none.
    public var keyText: String
    /// Its directory, relative to the output directory.
    public var directory: String
    /// Its files.
    public var files: [ProducedFile]
    /// What it has found; nil where terrane 0.1 did it, whose figures had other names.
    public var findings: [Finding]?
    /// What the user should know.
    public var warnings: [String]
    /// How long it took.
    public var seconds: Double
    /// The run that did it.
    public var run: String
    /// Versions of terrane, its kernels and libraries that did it, by name; nil where terrane 0.1 did.
    public var versions: [String: String]?
    /// When it was recorded, in seconds since 1970: of two tasks that say that they left a file the later one
    /// did. Nil in a ledger of one file, whose lines stand in their order.
    package var recorded: Double?

    /// What the key is made of; nil where another version of terrane wrote it in another form.
    public var components: KeyComponents? {
      try? JSONDecoder().decode(KeyComponents.self, from: Data(keyText.utf8))
    }

    /// The entry as dependants see it.
    public var output: TaskOutput {
      TaskOutput(
        task: task, key: key, directory: directory, files: files, findings: findings ?? [],
        warnings: warnings, versions: versions ?? [:])
    }
  }
}
