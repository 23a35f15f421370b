import Foundation
import Host
import Synchronization

/// A line on a terminal that says what runs, how far it is and how long it will take; a line for each stage
/// stays.
public final class ProgressBar: RunObserver {
  private struct Line {
    package var job: Job
    package var position: Int
    package var total: Int
    package var progress: JobProgress
    var began: ContinuousClock.Instant
  }

  /// The state that the drawing thread and the run share.
  private final class Shared: Sendable {
    package let line = Mutex<Line?>(nil)
    package let isOver = Atomic<Bool>(false)
  }

  private let shared = Shared()
  /// The outcomes so far of the jobs of the stage at hand.
  private var tally = StageTally()

  /// Creates a bar on stderr; nil where stderr is no terminal.
  public init?() {
    guard StandardStream.error.isTerminal, ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
      return nil
    }
    let shared = self.shared
    let thread = Thread {
      while !shared.isOver.load(ordering: .relaxed) {
        shared.line.withLock { if let line = $0 { Self.draw(Self.text(line, width: Self.width)) } }
        Thread.sleep(forTimeInterval: 0.2)
      }
    }
    thread.start()
  }

  deinit {
    shared.isOver.store(true, ordering: .relaxed)
  }

  /// Shows a job at once: one that ends before the next drawing is seen too.
  public func began(_ job: Job, position: Int, of total: Int, progress: JobProgress) {
    if job.stage != tally.stage { leave() }
    tally.stage = job.stage
    let line = Line(job: job, position: position, total: total, progress: progress, began: .now)
    shared.line.withLock {
      $0 = line
      Self.draw(Self.text(line, width: Self.width))
    }
  }

  /// Clears the line; what the stage has come to stays after its last job.
  public func ended(_ outcome: JobOutcome) {
    let line = shared.line.withLock { line in
      defer { line = nil }
      if line != nil { Self.draw("") }
      return line
    }
    guard let line else {
      // Nothing more is begun where a run was asked to end.
      if outcome.status == .notReached { leave() }
      return
    }
    tally.add(outcome, note: line.progress.snapshot.note)
    if line.position == line.total { leave() }
  }

  /// Leaves the line of the stage, where one is at hand.
  private func leave() {
    if let text = tally.text { Self.draw(String(text.prefix(max(1, Self.width - 1))), staying: true) }
    tally = StageTally()
  }

  /// Draws a text after a carriage return and an erasure to the end of the line: two sequences that every
  /// terminal knows.
  ///
  /// - Parameter staying: whether what comes next goes below it.
  private static func draw(_ text: String, staying: Bool = false) {
    StandardStream.error.draw("\r\u{1B}[K\(text.visibleLine)" + (staying ? "\n" : ""))
  }

  private static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private static func text(_ line: Line, width: Int) -> String {
    let state = line.progress.snapshot
    return text(
      position: line.position, total: line.total, label: line.job.label, state: state,
      seconds: (state.began ?? line.began).secondsSince, width: width)
  }

  /// `[3/12] inference T32TQM  412/1024 windows  38.1/s  16 s left`, cut to `width` columns: first what
  /// follows the count, then the label, never the count.
  ///
  /// - Parameter seconds: since this run began to count.
  package static func text(
    position: Int, total: Int, label: String, state: JobProgress.Snapshot, seconds: Double, width: Int
  ) -> String {
    let (room, place) = (max(1, width - 1), "[\(position)/\(total)] ")
    var parts: [String] = []
    if state.total > 0 {
      parts.append("\(state.done)/\(state.total) \(state.unit)")
    } else if state.done > 0 {
      parts.append("\(state.done) \(state.unit)")
    }
    let own = state.done - state.earlier
    if own > 0 && seconds > 0.5 {
      let rate = Double(own) / seconds
      parts.append("\((rate * 10).rounded() / 10)/s")
      if state.total > state.done {
        parts.append("\(Elapsed.text(Double(state.total - state.done) / rate)) left")
      }
    } else {
      parts.append(Elapsed.text(seconds))
    }
    if !state.note.isEmpty { parts.append(state.note) }
    let left = max(1, room - place.count - 2 - parts[0].count)
    let shown = label.count > left ? label.prefix(left - 1) + "…" : label[...]
    return String((["\(place)\(shown)"] + parts).joined(separator: "  ").prefix(room))
  }
}

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
