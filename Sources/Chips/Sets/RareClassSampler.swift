import Classes
import Foundation
import Numerics
import Rasters

extension ChipSet {
  /// The pixels of each class in each chip.
  public struct ClassPresence: Hashable, Sendable {
    /// Labelled pixels, `[chip][class]`; a pixel in two chips is one of both.
    public let counts: [[Int]]

    /// The share of each class of the labelled pixels; 0 for all where there are none.
    public var shares: [Double] {
      let totals = (counts.first ?? []).indices.map { index in counts.reduce(0) { $0 + $1[index] } }
      let sum = totals.reduce(0, +)
      return totals.map { sum > 0 ? Double($0) / Double(sum) : 0 }
    }
  }

  /// Counts the labelled pixels of `classes` classes in each chip, as it lies before it is moved.
  public func classPresence(classes: Int) -> ClassPresence {
    ClassPresence(
      counts: chips.map { chip in
        let region = regions[chip.region]
        let (width, height) = (region.window.width, region.window.height)
        var counts = [Int](repeating: 0, count: classes)
        guard let inside = chip.window.intersection(Window(column: 0, row: 0, width: width, height: height))
        else { return counts }
        for row in inside.rows {
          for label in region.labels[row * width + inside.column..<row * width + inside.column + inside.width]
          where label != ClassIndex.none { counts[Int(label)] += 1 }
        }
        return counts
      })
  }
}

/// Draws chips so that rare classes are seen more often than they are found: first a class, with a
/// probability in proportion to exp((1 - f) / T) where f is its share of the labelled pixels, then one of the
/// chips that hold it.
///
/// A class without labels is never drawn, a chip without labels neither. With T towards 0 the rarest class
/// alone is drawn, with a large T all classes are drawn alike.
///
/// - Source: Hoyer et al. 2022, arXiv:2111.14887, rare class sampling.
public struct RareClassSampler: Sendable {
  /// The temperature for few labels and few classes: a class of which there are traces is drawn twelve times
  /// as often as one that has half of all labels.
  ///
  /// The paper's 0.01 is for thousands of pictures of nineteen classes, most of them rare. With a handful of
  /// classes it draws the rarest one alone, and with it the same few chips.
  public static let temperatureForFewLabels = 0.2

  /// The probability of each class.
  public let probabilities: [Double]
  /// The numbers of the chips that hold each class.
  private let holders: [[Int]]

  /// Creates a sampler of the chips of a set, of which one at least is labelled.
  public init(
    _ chips: ChipSet, classes: Int, temperature: Double = RareClassSampler.temperatureForFewLabels
  ) {
    precondition(temperature > 0, "a temperature of \(temperature)")
    let presence = chips.classPresence(classes: classes)
    holders = (0..<classes).map { index in
      presence.counts.indices.filter { presence.counts[$0][index] > 0 }
    }
    // Against the rarest class, whose weight is then 1: exp(1 / T) itself overflows.
    let shares = presence.shares
    let rarest = zip(shares, holders).filter { !$1.isEmpty }.map(\.0).min()
    guard let rarest else { preconditionFailure("no chip of \(chips.chips.count) is labelled") }
    let weights = zip(shares, holders).map { share, holders in
      holders.isEmpty ? 0 : exp((rarest - share) / temperature)
    }
    let sum = weights.reduce(0, +)
    probabilities = weights.map { $0 / sum }
  }

  /// Returns the numbers of `count` chips, drawn independently: two numbers of `random` each.
  public func draw(count: Int, random: inout RandomSource) -> [Int] {
    (0..<count).map { _ in
      var rest = random.uniform()
      // Rounding may leave a trace after the last class that is there.
      var drawn = probabilities.lastIndex { $0 > 0 }!
      for (index, probability) in probabilities.enumerated() where probability > 0 {
        guard rest >= probability else {
          drawn = index
          break
        }
        rest -= probability
      }
      return holders[drawn][random.index(below: holders[drawn].count)]
    }
  }
}
