import Numerics

/// The features of a table as the ranks of their values, by which nodes of trees sort samples as whole
/// numbers.
package struct SortedFeatures: Sendable {
  /// The number of samples.
  let count: Int
  /// The number of features.
  let width: Int
  /// The distinct values of each feature, ascending.
  let values: [[Float]]
  /// The rank of each sample's value among those of its feature, `[width, count]`.
  let ranks: [UInt32]

  /// Sorts each feature of a table; NaN is not allowed.
  package init(_ table: FeatureTable) {
    (count, width) = (table.count, table.width)
    let (count, width) = (table.count, table.width)
    var ranks = [UInt32](repeating: 0, count: count * width)
    var values = [[Float]](repeating: [], count: width)
    ranks.withUnsafeMutableBufferPointer { ranks in
      values.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let (ranks, values) = (ranks.baseAddress!, values.baseAddress!)
        parallelLoop(width) { feature in
          let order = (0..<count).sorted {
            table.values[$0 * width + feature] < table.values[$1 * width + feature]
          }
          var distinct: [Float] = []
          for sample in order {
            let value = table.values[sample * width + feature]
            if distinct.last != value { distinct.append(value) }
            ranks[feature * count + sample] = UInt32(distinct.count - 1)
          }
          values[feature] = distinct
        }
      }
    }
    (self.ranks, self.values) = (ranks, values)
  }

  /// Returns the threshold between the values of two ranks of a feature: their mean, where that is a number
  /// between them, so that the lower one alone is at most the threshold.
  func threshold(_ feature: Int, between low: UInt32, and high: UInt32) -> Float {
    let (low, high) = (values[feature][Int(low)], values[feature][Int(high)])
    let middle = Float((Double(low) + Double(high)) / 2)
    return middle >= low && middle < high ? middle : low
  }
}
