import Runs

/// The failure of a job that asks an earlier one for a layer which that has not left.
package struct MissingLayer: ExitCoded, Hashable {
  /// The layer, in words: "class map".
  package let words: String
  /// The id of the job that lacks it.
  package let job: String

  package init(_ words: String, job: String) { (self.words, self.job) = (words, job) }

  /// One sentence.
  package var description: String { "\(job) has left no \(words)" }

  /// The exit code of a bug: stages say what they need of each other before anything runs.
  package var exitCode: ExitCode { .bug }
}
