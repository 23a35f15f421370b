import Foundation
import Host
import Synchronization

/// One line on a terminal that says what runs, how far it is and how long it will take; nothing anywhere else.
public final class ProgressBar: RunObserver {
  private struct Line {
    var task: PlannedTask
    var position: Int
    var total: Int
    var progress: TaskProgress
    var began: ContinuousClock.Instant
  }

  /// What the drawing thread and the run share.
  private final class Shared: Sendable {
    let line = Mutex<Line?>(nil)
    let isOver = Atomic<Bool>(false)
  }

  private let shared = Shared()

  /// A bar on stderr; nil where stderr is no terminal.
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

  /// Shows a task at once: one that ends before the next drawing is seen too.
  public func began(_ task: PlannedTask, position: Int, of total: Int, progress: TaskProgress) {
    let line = Line(task: task, position: position, total: total, progress: progress, began: .now)
    shared.line.withLock {
      $0 = line
      Self.draw(Self.text(line, width: Self.width))
    }
  }

  /// Clears the line.
  public func ended(_ outcome: TaskOutcome) {
    shared.line.withLock { line in
      if line != nil { Self.draw("") }
      line = nil
    }
  }

  /// Carriage return, text, erase to the end of the line: two sequences that every terminal knows.
  private static func draw(_ text: String) {
    StandardStream.error.draw("\r\(text.visibleLine)\u{1B}[K")
  }

  private static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private static func text(_ line: Line, width: Int) -> String {
    text(
      position: line.position, total: line.total, stage: line.task.stage, subject: line.task.subject,
      progress: line.progress, seconds: line.began.secondsSince, width: width)
  }

  /// `[3/12] inference T32TQM  412/1024 windows  38.1/s  16 s left`, cut to `width` columns.
  static func text(
    position: Int, total: Int, stage: String, subject: String, progress: TaskProgress, seconds: Double,
    width: Int
  ) -> String {
    let state = progress.snapshot
    var parts = ["[\(position)/\(total)] \(stage) \(subject)"]
    if state.total > 0 { parts.append("\(state.done)/\(state.total) \(state.unit)") }
    if state.done > 0 && seconds > 0.5 {
      let rate = Double(state.done) / seconds
      parts.append("\((rate * 10).rounded() / 10)/s")
      if state.total > state.done {
        parts.append("\(Elapsed.text(Double(state.total - state.done) / rate)) left")
      }
    } else {
      parts.append(Elapsed.text(seconds))
    }
    if !state.note.isEmpty { parts.append(state.note) }
    return String(parts.joined(separator: "  ").prefix(max(1, width - 1)))
  }
}
