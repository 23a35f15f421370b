import Layers

/// How the loss of the labelled chips goes, which tells a training that blew up from one that learned: every
/// number of both may be finite.
struct TrainingCourse: Codable {
  /// The loss of the first step.
  private var first: Double?
  /// Of the pass, over its batches.
  private var loss = Mean()
  /// What it would be if every class were as likely as any other, over some of the batches.
  private var chance = Mean()

  private struct Mean: Codable {
    var sum = 0.0
    var count = 0
    var value: Double? { count > 0 ? sum / Double(count) : nil }
    mutating func add(_ value: Double) { (sum, count) = (sum + value, count + 1) }
  }

  /// Begins another pass.
  mutating func beginPass() { (loss, chance) = (Mean(), Mean()) }

  /// Adds a batch.
  mutating func add(loss value: Double, atChance: Double?) {
    first = first ?? value
    loss.add(value)
    if let atChance { chance.add(atChance) }
  }

  /// Says that the last pass is worse than guessing and than the beginning; nil where it is not.
  ///
  /// A start may be worse than guessing: other weights, another head. A multiple of chance is no start any
  /// more.
  var blowUp: String? {
    guard let first, let last = loss.value, let chance = chance.value else { return nil }
    guard last > chance && (last > first || last > 3 * chance) else { return nil }
    return
      "the loss of the last pass is \(Self.text(last)), that of the first step was \(Self.text(first)), that of guessing "
      + "is \(Self.text(chance))"
  }

  /// Three significant digits.
  private static func text(_ value: Double) -> String {
    guard abs(value) < 1e6 else { return "\(Float(value))" }
    let scale = abs(value) >= 100 ? 1.0 : abs(value) >= 1 ? 100 : 1000
    return "\((value * scale).rounded() / scale)"
  }
}
