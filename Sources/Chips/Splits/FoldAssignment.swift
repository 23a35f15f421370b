import Numerics

/// Deals blocks or patches of labels to folds by the labelled pixels of each class that they hold:
/// `counts[unit][class]`.
///
/// Each way gives every fold one unit at least, where there are as many units as folds.
struct FoldAssignment {
  private let counts: [[Int]]
  private let folds: Int
  /// The classes, the one with the fewest pixels first.
  private let rarity: [Int]

  package init(_ counts: [[Int]], classes: Int, folds: Int) {
    (self.counts, self.folds) = (counts, folds)
    let totals = (0..<classes).map { index in counts.reduce(0) { $0 + $1[index] } }
    rarity = (0..<classes).sorted { (totals[$0], $0) < (totals[$1], $1) }
  }

  /// Returns the rank of the rarest class that a unit holds, 0 for the rarest of all.
  private func rarest(_ unit: Int) -> Int {
    rarity.firstIndex { counts[unit][$0] > 0 } ?? rarity.count
  }

  /// Returns the fold of each unit, without regard to classes.
  func atRandom(_ random: inout RandomSource) -> [Int] {
    let shuffled = counts.indices.shuffled(using: &random)
    return inTurn(shuffled)
  }

  /// Returns the fold of each unit, dealt in turn in the order of their rarest class, in random order within
  /// it: for units of one size.
  func inTurnByRarestClass(_ random: inout RandomSource) -> [Int] {
    let shuffled = counts.indices.shuffled(using: &random)
    return inTurn(
      shuffled.enumerated().sorted { left, right in
        (rarest(left.element), left.offset) < (rarest(right.element), right.offset)
      }.map(\.element))
  }

  /// Returns the fold of each unit, for units of different sizes: in the order of their rarest class, the
  /// largest part of it first, each to the fold that holds the fewest pixels of that class, of several the
  /// one with the fewest pixels in all.
  ///
  /// A fold then has at most as many pixels of a class more than another as the largest unit dealt for the
  /// class holds, and what units dealt for rarer classes bring along. Units of equal parts come in random
  /// order.
  func levelling(_ random: inout RandomSource) -> [Int] {
    let shuffled = counts.indices.shuffled(using: &random)
    let part = { (unit: Int) in rarity.dropFirst(rarest(unit)).first.map { counts[unit][$0] } ?? 0 }
    let order = shuffled.enumerated().sorted { left, right in
      (rarest(left.element), -part(left.element), left.offset)
        < (rarest(right.element), -part(right.element), right.offset)
    }
    var held = Array(repeating: Array(repeating: 0, count: rarity.count), count: folds)
    var result = Array(repeating: 0, count: counts.count)
    for (_, unit) in order {
      let rank = rarest(unit)
      let fold = (0..<folds).min { left, right in
        let (a, b) = (held[left], held[right])
        guard rank < rarity.count, a[rarity[rank]] != b[rarity[rank]] else {
          return a.reduce(0, +) < b.reduce(0, +)
        }
        return a[rarity[rank]] < b[rarity[rank]]
      }!
      for (index, count) in counts[unit].enumerated() { held[fold][index] += count }
      result[unit] = fold
    }
    return result
  }

  private func inTurn(_ order: [Int]) -> [Int] {
    var result = Array(repeating: 0, count: counts.count)
    for (position, unit) in order.enumerated() { result[unit] = position % folds }
    return result
  }
}
