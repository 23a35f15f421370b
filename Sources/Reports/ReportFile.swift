import Foundation
import Runs

/// The reports for people, as files of an output directory.
public enum ReportFile {
  /// The name of a run's report in its directory, and of that over many runs beside those.
  public static let name = "report.html"

  /// Writes the report of a run beside its summary.
  ///
  /// - Parameters:
  ///   - directory: the directory of the run, whose summary is there.
  ///   - draws: whether pictures of products are drawn.
  /// - Throws: `ReportFailure` where the summary cannot be read; `SystemError` where the report cannot be
  ///   written.
  public static func write(
    ofRunIn directory: URL, below output: URL, drawing draws: Bool = true
  ) throws {
    guard let run = RunHistory.run(directory.lastPathComponent, below: output) else {
      throw ReportFailure.noRecord(directory.path)
    }
    let page = RunPage(reading: run, below: output, draws: draws).page
    try DurableFiles.write(Data(page.text.utf8), to: directory.appendingPathComponent(name))
  }

  /// Writes a report over the newest runs of an output directory.
  ///
  /// - Parameters:
  ///   - count: how many runs are looked at.
  ///   - file: the report; `runs/report.html` below the output directory where nil.
  /// - Returns: the file.
  /// - Throws: `ReportFailure` where there is no run; `SystemError` where the runs cannot be listed or the
  ///   report cannot be written.
  @discardableResult
  public static func write(overLast count: Int, below output: URL, to file: URL? = nil) throws -> URL {
    let history = try RunHistory(below: output, last: count)
    guard !history.runs.isEmpty || !history.unreadable.isEmpty else {
      throw ReportFailure.noRun(output.path)
    }
    let page = NightsPage(reading: history, below: output).page
    let file = file ?? output.appendingPathComponent("runs/\(name)")
    try DurableFiles.write(Data(page.text.utf8), to: file)
    return file
  }
}

/// The reasons why there is nothing to report.
enum ReportFailure: ExitCoded, Hashable {
  /// No run has left a record below this directory.
  case noRun(String)
  /// The record in this directory cannot be read.
  case noRecord(String)

  var description: String {
    switch self {
    case .noRun(let path): "\(path): no run has left a record here"
    case .noRecord(let path): "\(path): summary.json cannot be read"
    }
  }

  var exitCode: ExitCode { .noInput }
}
