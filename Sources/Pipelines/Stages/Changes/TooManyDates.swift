import Runs

/// The failure of a comparison of more dates than the bytes of a map can name.
package struct TooManyDates: ExitCoded, Hashable {
  /// The path of the first scene.
  package let scene: String
  /// The number of dates.
  package let count: Int
  /// The largest number of dates.
  package let most: Int

  package init(scene: String, count: Int, most: Int) {
    (self.scene, self.count, self.most) = (scene, count, most)
  }

  /// One sentence.
  package var description: String { "\(scene): \(count) dates; \(most) at most" }

  /// The exit code: 65.
  package var exitCode: ExitCode { .badData }
}
