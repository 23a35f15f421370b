import Foundation
import Host

/// The figures of a run for a monitor: a file that node-exporter's textfile collector reads.
///
/// The file is written whatever became of the run, with what is known of it.
public struct RunMetrics {
  private let file: URL
  private let pipeline: String
  private let began: Date

  /// Creates the figures of a run that begins.
  ///
  /// - Parameters:
  ///   - file: where they are written.
  ///   - pipeline: the path of the pipeline file, which all figures carry.
  public init(to file: URL, pipeline: String, began: Date) {
    (self.file, self.pipeline, self.began) = (file, pipeline, began)
  }

  /// Writes the figures of the run that ends now.
  ///
  /// - Parameters:
  ///   - code: the code that the process ends with.
  ///   - run: the run's id and its output directory; nil where it did not come so far.
  /// - Throws: `SystemError` where the file cannot be written.
  public func write(exitCode code: Int32, of run: (id: String, output: URL)?, now: Date = Date()) throws {
    let record = run.flatMap { RunHistory.run($0.id, below: $0.output) }
    let text = families(code, record, now).map(\.text).joined()
    // Unfinished it must not be called so that the collector takes it.
    try DurableFiles.write(Data(text.utf8), to: file, temporaryName: "terrane-metrics")
  }

  private func families(_ code: Int32, _ record: RecordedRun?, _ now: Date) -> [MetricFamily] {
    let own = MetricFamily.Label("pipeline", pipeline)
    func one(_ name: String, _ help: String, _ value: Double?) -> MetricFamily {
      MetricFamily("terrane_run_\(name)", help, value.map { [.init([own], $0)] } ?? [])
    }
    func counts(_ name: String, _ help: String, _ counts: [(String, Int)]) -> MetricFamily {
      MetricFamily(
        "terrane_run_\(name)", help, counts.map { .init([own, .init("status", $0.0)], Double($0.1)) })
    }
    let success = code == ExitCode.success.rawValue ? now.timeIntervalSince1970.rounded() : earlierSuccess
    return [
      one(
        "last_success_time_seconds", "When the latest run ended that succeeded, in seconds since 1970.",
        success),
      one(
        "start_time_seconds", "When the latest run began, in seconds since 1970.",
        began.timeIntervalSince1970.rounded()),
      one(
        "duration_seconds", "How long the latest run took.",
        (now.timeIntervalSince(began) * 1000).rounded() / 1000),
      one("exit_code", "The exit code of the latest run: 0 all done, 3 some scenes failed.", Double(code)),
      counts("scenes", "Scenes of the latest run by what became of them.", Self.scenes(record)),
      counts("jobs", "Jobs of the latest run by how they ended.", Self.jobs(record)),
      one(
        "products_written", "Products that the latest run wrote.",
        record.map { Double($0.tasks.count { $0.status == .done && $0.leavesProduct }) }),
      one(
        "peak_memory_bytes", "The most memory that the latest run held at once.", Double(RunRecord.peakMemory)
      ),
    ]
  }

  private static func scenes(_ record: RecordedRun?) -> [(String, Int)] {
    guard let record else { return [] }
    return SceneRecord.Status.allCases.filter { $0 != .unknown }.map { status in
      (status.rawValue, record.scenes.count { $0.status == status })
    }
  }

  private static func jobs(_ record: RecordedRun?) -> [(String, Int)] {
    guard let counts = record?.counts else { return [] }
    return RecordedTask.Status.allCases.filter { $0 != .unknown }.map { ($0.rawValue, counts[$0] ?? 0) }
  }

  /// The time of the last success that the file holds, which a run that fails leaves standing.
  private var earlierSuccess: Double? {
    guard let data = try? RegularFile.contents(of: file.path, limit: 1 << 20) else { return nil }
    let wanted =
      MetricFamily(
        "terrane_run_last_success_time_seconds", "", [.init([.init("pipeline", pipeline)], 0)]
      ).text.split(separator: "\n").last?.dropLast() ?? ""
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(wanted) }.flatMap { Double($0.dropFirst(wanted.count)) }
  }
}

extension RecordedTask {
  /// Whether it left files among the products.
  fileprivate var leavesProduct: Bool {
    files.contains { $0.path.hasPrefix("\(Placement.products.rawValue)/") }
  }
}
