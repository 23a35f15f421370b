import Foundation

/// The findings of one task, as scripts read them in `summary.json`.
struct SummaryFindings {
  private let findings: [String: [String: Any]]

  /// - Parameter task: the task's record in the summary.
  init(of task: [String: Any]) { findings = task["findings"] as? [String: [String: Any]] ?? [:] }

  func number(_ key: String) -> Double? { findings[key]?["value"] as? Double }
  func text(_ key: String) -> String? { findings[key]?["value"] as? String }
  func flag(_ key: String) -> Bool? { findings[key]?["value"] as? Bool }

  /// The rows of a table, none where there is no such finding.
  func rows(_ key: String) -> [[String: Any]] {
    (findings[key]?["value"] as? [String: Any])?["rows"] as? [[String: Any]] ?? []
  }

  /// The rows by a text of theirs.
  func rows(_ key: String, by column: String) -> [String: [String: Any]] {
    Dictionary(rows(key).map { ($0[column] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }
}
