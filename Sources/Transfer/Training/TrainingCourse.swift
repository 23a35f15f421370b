import Layers

/// The course of the loss of the labelled chips, which tells a training that blew up, or that does not move,
/// from one that learned: every number of all of them may be finite.
struct TrainingCourse: Codable {
  /// The loss of the first step.
  private var first: Double?
  /// The loss of the first pass, once it has ended.
  private var firstPass: Mean?
  /// The loss of the present pass, over its batches.
  private var loss = Mean()
  /// The loss that the pass would have if every class were as likely as any other, over some of the batches.
  private var chance = Mean()

  private struct Mean: Codable {
    var sum = 0.0
    var count = 0
    var value: Double? { count > 0 ? sum / Double(count) : nil }
    mutating func add(_ value: Double) { (sum, count) = (sum + value, count + 1) }
  }

  /// Begins another pass.
  mutating func beginPass() {
    if firstPass == nil && loss.count > 0 { firstPass = loss }
    (loss, chance) = (Mean(), Mean())
  }

  /// Adds a batch.
  mutating func add(loss value: Double, atChance: Double?) {
    first = first ?? value
    loss.add(value)
    if let atChance { chance.add(atChance) }
  }

  /// Says that the last pass is far worse than the beginning, and worse than guessing; nil where it is not.
  ///
  /// One batch may be easier than a pass: where the first pass was as bad as the last one only a multiple
  /// shows that it had blown up already.
  var blowUp: String? {
    guard let (first, last, chance) = numbers, last > chance && last > 1.25 * first else { return nil }
    let hasRisen = firstPass?.value.map { last > 1.25 * $0 } ?? false
    return hasRisen || last > 3 * max(first, chance) ? comparison(first, last, chance) : nil
  }

  /// Says that the last pass is worse than guessing and no better than the beginning; nil where it is not, or
  /// where the training blew up.
  ///
  /// A start may be worse than guessing: other weights, another head. A multiple of chance is no start any
  /// more.
  var standstill: String? {
    guard let (first, last, chance) = numbers, blowUp == nil else { return nil }
    return last > chance && (last > first || last > 3 * chance) ? comparison(first, last, chance) : nil
  }

  private var numbers: (first: Double, last: Double, chance: Double)? {
    guard let first, let last = loss.value, let chance = chance.value else { return nil }
    return (first, last, chance)
  }

  private func comparison(_ first: Double, _ last: Double, _ chance: Double) -> String {
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
