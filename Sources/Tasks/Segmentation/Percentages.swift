/// Whole percentages of the classes of a pixel that add up to 100.
///
/// Each share of the sum is rounded down, and the percentages that are then missing go one each to the
/// classes that lost most (of two that lost alike to the first): every percentage is less than 1 from the
/// share, and of two classes the likelier never has the smaller one.
///
/// - Source: the method of largest remainders (Hamilton's).
enum Percentages {
  /// Returns the percentages `[K, columns]`.
  ///
  /// - Parameters:
  ///   - weights: `[K, stride]`, 0 or more and finite, of which one is above 0; of a column for which that
  ///     does not hold the percentages mean nothing.
  ///   - count: the number of classes, K.
  static func of(_ weights: UnsafePointer<Float>, count: Int, stride: Int, columns: Int) -> [UInt8] {
    var percentages = [UInt8](repeating: 0, count: count * columns)
    var losses = [UInt32](repeating: 0, count: count)
    percentages.withUnsafeMutableBufferPointer { percentages in
      losses.withUnsafeMutableBufferPointer { losses in
        for column in 0..<columns {
          var sum: Float = 0
          for index in 0..<count { sum += weights[index * stride + column] }
          guard sum > 0, sum.isFinite else { continue }
          var missing = 100
          for index in 0..<count {
            let share = max(0, min(100, weights[index * stride + column] / sum * 100))
            let whole = share.rounded(.down)
            percentages[index * columns + column] = UInt8(whole)
            missing -= Int(whole)
            losses[index] = order(share - whole, of: index)
          }
          // Fewer than there are classes, but for what sums of floats lose.
          guard missing > 0 else { continue }
          losses.sort(by: >)
          for loss in losses.prefix(missing) { percentages[place(of: loss) * columns + column] += 1 }
        }
      }
    }
    return percentages
  }

  /// Returns a number that is the larger the more a class has lost, and of two alike for the first.
  private static func order(_ loss: Float, of index: Int) -> UInt32 {
    UInt32(loss * 0xFFFFFF) << 8 | UInt32(255 - index)
  }

  /// Returns the index of the class behind such a number.
  private static func place(of order: UInt32) -> Int { 255 - Int(order & 0xFF) }
}
