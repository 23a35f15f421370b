import Foundation
import Host
import Settings

/// The passes of trainings that the logs of the newest runs hold, finished or not.
struct RecordedPasses {
  private let output: URL

  /// Runs whose logs are looked at.
  private static let newestRuns = 10
  /// Bytes of the largest log that is read.
  private static let largest = 64 << 20

  init(below output: URL) { self.output = output }

  /// Returns the mean seconds of a pass of a job's trainings, and how many passes it is the mean of; nil
  /// where no run has recorded two.
  func seconds(of job: String) -> (each: Double, count: Int)? {
    let ids = ((try? RunHistory.ids(below: output)) ?? []).suffix(Self.newestRuns)
    return ids.reversed().lazy.compactMap { id in
      let log = output.appendingPathComponent("runs/\(id)/run.log.jsonl").path
      return (try? RegularFile.contents(of: log, limit: Self.largest)).flatMap {
        Self.seconds(of: job, in: $0)
      }
    }.first
  }

  private static func seconds(of job: String, in log: Data) -> (each: Double, count: Int)? {
    let task = Data(#""task":\#(JSONValue.string(job).canonical)"#.utf8)
    var times: [Date] = []
    for line in log.split(separator: UInt8(ascii: "\n")) where line.range(of: task) != nil {
      guard let event = try? JSONValue(parsing: Data(line)),
        let time = event["time"]?.text.flatMap(Timestamp.date)
      else { continue }
      switch event["event"]?.text {
      case "began": times = [time]
      case "pass": times.append(time)
      default: break
      }
    }
    guard times.count > 2 else { return nil }
    // The first pass begins when what it learns from has been read.
    let count = times.count - 2
    return (max(0.1, times.last!.timeIntervalSince(times[1]) / Double(count)), count)
  }
}
