import Foundation
import Host
import Runs

/// The file of figures that a run leaves for a monitor. That it cannot be written is said in a line, and is
/// no failure of the run.
final class WrittenMetrics {
  /// The run's id and output directory; nil before there is one.
  var run: (id: String, output: URL)?
  private let metrics: RunMetrics
  private let path: String

  /// - Parameter pipeline: the pipeline file as the user named it.
  init(to path: String, pipeline: String, began: Date) {
    self.path = path
    metrics = RunMetrics(
      to: URL(fileURLWithPath: path), pipeline: URL(fileURLWithPath: pipeline).standardizedFileURL.path,
      began: began)
  }

  /// Writes what is known of the run that ends with a code.
  func write(exitCode: Int32) {
    do { try metrics.write(exitCode: exitCode, of: run) } catch {
      CommandExit.say(
        "terrane: no metrics: \(path.visibleLine): \(CommandExit.failure(error).reason.visibleLine)")
    }
  }
}
