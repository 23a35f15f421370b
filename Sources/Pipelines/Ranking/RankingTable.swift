import Foundation
import Runs

/// A ranking of weights for people: one line a file, the best first.
public enum RankingTable {
  /// Returns the table, and below it what was done to fit the weights.
  public static func text(_ rows: [WeightRanking.Row]) -> String {
    func shown(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    let lines =
      [["weights", "LogME", "H-score", "LEEP", "NCE"]]
      + rows.map { row in
        [row.weights.relativePath] + [row.logME, row.hScore, row.leep, row.nce].map(shown)
      }
    let notes = rows.flatMap { row in row.notes.map { "note: \(row.weights.relativePath): \($0)" } }
    return (ResultTable.aligned(lines) + notes).joined(separator: "\n") + "\n"
  }
}
