import Foundation
import Host

/// Progress as lines, one a job and a pass of a training, for places where nothing can be drawn: files,
/// pipes, the log of a scheduler.
public final class ProgressLines: RunObserver {
  private var title = ""

  /// Lines on stderr.
  public init() {}

  /// Says that a job begins, and from then on each pass of its trainings.
  public func began(_ job: Job, position: Int, of total: Int, progress: JobProgress) {
    title = "[\(position)/\(total)] \(job.label)"
    Self.say("\(title): begun")
    progress.onPass { [title] pass in Self.say("\(title): \(pass)") }
  }

  /// Says how a job ended that had begun.
  public func ended(_ outcome: JobOutcome) {
    defer { title = "" }
    if !title.isEmpty { Self.say("\(title): \(Self.words(outcome))") }
  }

  package static func words(_ outcome: JobOutcome) -> String {
    let time = Elapsed.text(outcome.seconds)
    switch outcome.status {
    case .done: return "done in \(time)"
    case .failed(let failure):
      return "failed after \(time): \(failure.reason)"
    case .notReached: return "broken off after \(time); the next run takes it up"
    case .upToDate, .blocked: return outcome.status.word
    }
  }

  private static func say(_ text: String) {
    // What cannot be said costs no work.
    try? StandardStream.error.write("\(Timestamp.iso(Date())) \(text.visibleLine)\n")
  }
}

extension Job {
  /// The stage and what the job is about, which may be the stage itself.
  package var label: String { stage == subject ? stage : "\(stage) \(subject)" }
}
