import Foundation
import Host
import Settings
import Synchronization

/// The progress of the jobs at hand, as a small file in the directory of the run that other processes may
/// read: `progress.json`. It goes with the run.
public final class ProgressFile: RunObserver {
  static let name = "progress.json"

  private struct Work {
    let position, total: Int
    let progress: JobProgress
  }

  private final class Shared: Sendable {
    let jobs = Mutex<[String: Work]>([:])
    let isOver = Mutex(false)
  }

  private let shared = Shared()
  private let url: URL

  /// Seconds from one writing to the next: a file that is read now and then need not be newer.
  private static let interval = 2.0

  /// Creates the file of a run; where there can be no thread for it, there is no file.
  init(in directory: URL) {
    let url = directory.appendingPathComponent(Self.name)
    self.url = url
    let shared = self.shared
    try? BackgroundThread.start("progress") {
      var sleeps = 0
      while !shared.isOver.withLock({ $0 }) {
        Thread.sleep(forTimeInterval: 0.1)
        sleeps += 1
        guard Double(sleeps) * 0.1 >= Self.interval else { continue }
        sleeps = 0
        Self.write(shared, to: url)
      }
    }
  }

  /// Adds a job to those at hand.
  public func began(_ job: Job, position: Int, of total: Int, progress: JobProgress) {
    shared.jobs.withLock { $0[job.id] = Work(position: position, total: total, progress: progress) }
  }

  /// Takes a job away.
  public func ended(_ outcome: JobOutcome) {
    _ = shared.jobs.withLock { $0.removeValue(forKey: outcome.job.id) }
  }

  /// Removes the file; nothing is written from now on.
  func remove() {
    shared.isOver.withLock { isOver in
      isOver = true
      try? DurableFiles.remove(url)
    }
  }

  private static func write(_ shared: Shared, to url: URL) {
    let jobs = shared.jobs.withLock { jobs in
      jobs.sorted { ($0.value.position, $0.key) < ($1.value.position, $1.key) }.map { json($0.key, $0.value) }
    }
    // The lock keeps a file from being written after it was removed. One that cannot be written costs
    // nothing.
    shared.isOver.withLock { isOver in
      guard !isOver else { return }
      let text = JSONValue.object(["jobs": .array(jobs), "time": .string(Timestamp.iso(Date()))]).pretty
      let temporary = url.deletingLastPathComponent()
        .appendingPathComponent("\(DurableFiles.temporaryPrefix)\(getpid())-progress").path
      guard (try? RegularFile.write(Data(text.utf8), to: temporary)) != nil else { return }
      if rename(temporary, url.path) != 0 { unlink(temporary) }
    }
  }

  private static func json(_ id: String, _ work: Work) -> JSONValue {
    let state = work.progress.snapshot
    return [
      "task": .string(id), "position": .int(work.position), "total": .int(work.total),
      "done": .int(state.done),
      "of": .int(state.total), "unit": .string(state.unit), "note": .string(state.note),
    ]
  }
}
