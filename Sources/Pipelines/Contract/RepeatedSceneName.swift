import Runs

/// The refusal of a job whose scene has the name of another one: it would overwrite that one's files.
package struct RepeatedSceneName: ExitCoded, Hashable {
  /// The name that both have.
  package let name: String

  package init(_ name: String) { self.name = name }

  /// One sentence.
  package var description: String { "another scene is called '\(name)' as well" }

  /// The exit code: 65.
  package var exitCode: ExitCode { .badData }
}
