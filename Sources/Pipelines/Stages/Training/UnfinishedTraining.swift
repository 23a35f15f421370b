import Checkpoints
import Foundation
import Runs
import Transfer

/// The place where a job keeps a training that is not finished, until it has published what came of it.
struct UnfinishedTraining {
  private let file: URL

  /// Finds the place of the training called `name` among those of a job.
  init(named name: String, of context: JobContext) {
    file = context.unfinished.appendingPathComponent(name + ".safetensors")
  }

  /// Returns the place as the training loop uses it; a damaged file counts as none.
  ///
  /// - Parameter keepsLast: whether a training that has taken its last step is kept as well.
  func checkpoint(every interval: Double, keepsLast: Bool) -> TrainingCheckpoint {
    let file = file
    return TrainingCheckpoint(interval: interval, keepsLast: keepsLast) {
      try? WeightsFile(contentsOf: file.path)
    } save: { contents in
      let directory = file.deletingLastPathComponent()
      try DurableFiles.makeDirectory(directory)
      let temporary = directory.appendingPathComponent(DurableFiles.temporaryPrefix + file.lastPathComponent)
      try contents.write(to: temporary.path)
      try DurableFiles.flush(temporary)
      try DurableFiles.rename(temporary, to: file)
    }
  }
}
