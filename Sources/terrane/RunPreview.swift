import Pipelines
import Runs

/// What `--dry-run` says of jobs that are to be done: time and memory, as far as they can be foretold.
struct RunPreview {
  private let forecast: JobForecast
  private let threads: Int

  /// - Parameter threads: those of the forecast.
  init(_ forecast: JobForecast, threads: Int) { (self.forecast, self.threads) = (forecast, threads) }

  /// Returns the memory that a job will take, or what is in its way, and the time, as the end of a line.
  func words(on job: Job) -> String {
    var words = ""
    if let peakMemory = job.peakMemory {
      do { words += ", in at most \(try peakMemory() >> 20) MiB of memory" } catch {
        return ", but \(CommandExit.failure(error).reason)"
      }
    }
    if let estimate = forecast.estimate(of: job) {
      words += ", about \(Elapsed.text(estimate.seconds)) (\(estimate.evidence.words))"
    }
    return words
  }

  /// Returns the sum over the jobs that are to be done, one sentence.
  func sum(of jobs: [Job]) -> String {
    let estimates = jobs.map { forecast.estimate(of: $0) }
    let known = estimates.compactMap(\.self)
    let unknown = zip(jobs, estimates).filter { $0.1 == nil }.map(\.0)
    let memory = jobs.compactMap { job in job.peakMemory.flatMap { try? $0() } }.max()
    var parts = ["\(jobs.count) \(jobs.count == 1 ? "job" : "jobs") to do"]
    if !known.isEmpty {
      let time = Elapsed.text(known.reduce(0) { $0 + $1.seconds })
      parts.append(
        "about \(time) with \(threads) \(threads == 1 ? "thread" : "threads")"
          + (unknown.isEmpty ? "" : " for \(known.count) of them"))
    }
    if let memory { parts.append("mapping takes at most \(memory >> 20) MiB of memory") }
    guard !unknown.isEmpty else { return parts.joined(separator: ", ") }
    let names = unknown.prefix(3).map(\.id).joined(separator: ", ") + (unknown.count > 3 ? ", ..." : "")
    return parts.joined(separator: ", ")
      + "; how long \(known.isEmpty ? "they take" : names + " \(unknown.count == 1 ? "takes" : "take")") is not known: "
      + "no such job was done before"
  }
}
