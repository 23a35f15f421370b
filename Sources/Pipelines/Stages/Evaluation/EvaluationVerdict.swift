import Foundation
import Host
import Products
import Runs

/// The verdict of an evaluation, which decides on the model that goes on; a part of its report for programs.
struct EvaluationVerdict: Codable {
  /// Whether the recipe loses to a model without transfer.
  let isNegative: Bool
  /// The comparison in a sentence.
  let sentence: String
  /// The model that the chain ends with, and the one that did best.
  let recipe, winner: EvaluatedModel
  /// The names of recipe and winner in tables.
  let recipeName, winnerName: String

  /// The scores for programs.
  static let layer = Layer("evaluation", file: "evaluation.json", .document)

  /// Reads the verdict of a report.
  ///
  /// - Throws: `EvaluationFailure` where it has none.
  static func read(_ file: URL) throws -> EvaluationVerdict {
    struct Contents: Codable { let verdict: EvaluationVerdict? }
    guard
      let verdict = try JSONDecoder().decode(Contents.self, from: RegularFile.contents(of: file.path)).verdict
    else {
      throw EvaluationFailure.noVerdict
    }
    return verdict
  }
}
