import Foundation
import Host

/// The summary that a run shows when it has ended: a table of stages, then what failed and where the products
/// are.
public enum ResultTable {
  /// Returns the text of the summary: one line a stage with its jobs done, up to date and failed (with those
  /// blocked by a failure) and its time; then scores, areas, changes, and what to worry about.
  public static func text(_ report: RunReport, plan: Plan, output: URL) -> String {
    var rows = [["stage", "done", "up to date", "failed", "time"]]
    for label in plan.pipeline.stages {
      let own = report.outcomes.filter { $0.job.stage == label }
      let counts = RunRecord.counts(own)
      let failed = counts["failed", default: 0] + counts["blocked", default: 0]
      rows.append([
        label, "\(counts["done", default: 0])", "\(counts["up-to-date", default: 0])",
        "\(failed)",
        Elapsed.text(own.reduce(0) { $0 + $1.seconds }),
      ])
    }
    var lines = aligned(rows)
    let waiting = report.outcomes.count { $0.status == .notReached }
    if waiting > 0 { lines.append("not reached: \(waiting) jobs; the next run takes them up") }
    for text in reportTexts(report) { lines += ["", text] }
    for block in RunFindings(report, plan: plan).blocks { lines += [""] + block }
    let notes = notes(report)
    if !notes.isEmpty { lines += [""] + notes }
    if RunReport.hasProducts(report.outcomes) {
      let places = Set(report.outcomes.filter(\.status.isSuccess).map(\.job.placement))
      let directory =
        places.contains(.products) ? "products" : places.contains(.reports) ? "reports" : "models"
      lines.append("\(directory): \(output.appendingPathComponent(directory).path.visibleLine)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The most characters of a line that says what failed.
  private static let longestLine = 1_000

  /// Lists the failures, one line each, at most `limit` lines in all; empty where nothing failed.
  public static func failures(_ report: RunReport, limit: Int = 20) -> String {
    let blocked = report.outcomes.count { if case .blocked = $0.status { true } else { false } }
    var lines = report.failures.map { job, failure in
      "\(job.id): \(failure.reason)".visibleLine.shortened(to: longestLine)
    }
    let room = limit - (blocked > 0 ? 1 : 0)
    if lines.count > room {
      lines = lines.prefix(room - 1) + ["and \(lines.count - room + 1) more; summary.json lists them"]
    }
    if blocked > 0 { lines.append("\(blocked) more could not begin because of that") }
    return lines.map { "terrane: \($0)\n" }.joined()
  }

  /// Notes that are shown.
  private static let mostNotes = 12

  /// Lists the warnings of this run, and the number of jobs that have warnings of an earlier run.
  private static func notes(_ report: RunReport) -> [String] {
    func warnings(_ status: JobOutcome.Status) -> [String] {
      report.outcomes.filter { $0.status == status }.flatMap { outcome in
        (outcome.output?.warnings ?? []).map { "\(outcome.job.id): \($0)" }
      }
    }
    let (own, earlier) = (warnings(.done), warnings(.upToDate).count)
    var lines = own.prefix(mostNotes).map { "note: \($0.visibleLine)" }
    if own.count > mostNotes {
      lines.append("note: and \(own.count - mostNotes) more; summary.json lists them")
    }
    if earlier > 0 {
      lines.append("\(earlier) \(earlier == 1 ? "note" : "notes") of earlier runs: see summary.json")
    }
    return lines
  }

  /// Returns the texts of the run's reports, such as the table of an evaluation.
  private static func reportTexts(_ report: RunReport) -> [String] {
    report.outcomes.filter(\.status.isSuccess).compactMap { $0.output?.findings[.report]?.text }
  }

  /// Returns the rows with the first columns, which hold texts, to the left and the others to the right, two
  /// spaces between.
  package static func aligned(_ rows: [[String]], textColumns: Int = 1) -> [String] {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let gap = String(repeating: " ", count: widths[column] - cell.count)
        if column == row.count - 1 && column < textColumns { return cell }
        return column < textColumns ? cell + gap : gap + cell
      }.joined(separator: "  ")
    }
  }
}
