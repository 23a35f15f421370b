/// The tally of the outcomes of a stage's jobs, for the line that stays.
package struct StageTally {
  package var stage: String?
  private var words: [String] = []
  private var done = 0
  private var failed = 0
  private var seconds = 0.0

  package init() {}

  /// Adds a job that was begun.
  ///
  /// - Parameter note: what stood beside its count when it ended.
  package mutating func add(_ outcome: JobOutcome, note: String) {
    done += outcome.status == .done ? 1 : 0
    if case .failed = outcome.status { failed += 1 }
    seconds += outcome.seconds
    words.append(note)
  }

  /// `fine-tune: done in 22 s, full 4/4, loss 0.412`, `inference: 12 done, 1 failed in 3 min 04 s`; nil where
  /// nothing was done.
  package var text: String? {
    guard let stage, !words.isEmpty else { return nil }
    let time = Elapsed.text(seconds)
    guard words.count > 1 || done == 0 else {
      return "\(stage): done in \(time)" + (words[0].isEmpty ? "" : ", \(words[0])")
    }
    let counts = [(done, "done"), (failed, "failed"), (words.count - done - failed, "broken off")]
    return "\(stage): " + counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      + " in \(time)"
  }
}
