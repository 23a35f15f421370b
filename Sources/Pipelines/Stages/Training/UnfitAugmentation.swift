import Runs

/// The reason why chips cannot be varied as a recipe says: what its augmentations do not find in the bands.
package struct UnfitAugmentation: ExitCoded, Hashable {
  /// The problems, a clause each.
  package let problems: [String]

  package init(_ problems: [String]) { self.problems = problems }

  /// One sentence.
  package var description: String { "augmentation: " + problems.joined(separator: "; ") }

  /// The exit code: 78.
  package var exitCode: ExitCode { .badPipelineFile }
}
