import Numerics
import Tensors

/// Winograd's minimal filtering: convolutions of stride 1 in a quarter of the multiplications.
///
/// A tile of 6 x 6 inputs becomes 36 numbers a channel, each of which takes part in a matrix product of its
/// own over the channels, `[tiles, C] x [C, K]`; the 36 results of a filter become its tile of outputs: 4 x 4
/// for filters of 3 x 3, 3 x 3 for filters of 4 x 4. The transforms interpolate at 0, 1, -1, 2, -2 and
/// infinity.
///
/// An input that was doubled by nearest neighbour (a, b, b, c, c, d along each axis) makes the value at point
/// -1 vanish: 25 products are left, computed from the small grid.
///
/// - Precision: relative to the scale of the result about 1e-6 for each transform of 3 x 3 filters, some 1e-5
///   for a network.
/// - Source: Lavin & Gray 2016, arXiv:1509.09308; the doubled input is ours.
enum Winograd {
  /// Inputs of a tile along an axis, and products along it.
  static let side = 6
  /// Products of a tile.
  static let count = side * side
  /// Products of a tile of doubled input; they are the first ones.
  static let countOfDoubled = 25

  /// The point that vanishes for doubled input.
  private static let vanishing = 2

  /// The place of the product of two points, one of each axis, in the order of products:
  /// `[row point * 6 + column point]`.
  static let order: [Int] = {
    let places = (0..<count).sorted { left, right in
      func isLast(_ place: Int) -> Bool { place / side == vanishing || place % side == vanishing }
      return isLast(left) == isLast(right) ? left < right : isLast(right)
    }
    return (0..<count).map { place in places.firstIndex(of: place)! }
  }()

  /// G: filters of `taps` (3 or 4) along an axis to the 6 points.
  private static func filterTransform(taps: Int) -> [[Double]] {
    let points: [(value: Double, factor: Double)] = [
      (0, 1 / 4.0), (1, -1 / 6.0), (-1, -1 / 6.0), (2, 1 / 24.0), (-2, 1 / 24.0),
    ]
    func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { value, _ in value * base }
    }
    let finite = points.map { point in (0..<taps).map { point.factor * power(point.value, $0) } }
    return finite + [(0..<taps).map { $0 == taps - 1 ? 1 : 0 }]
  }

  /// Returns the matrices of the products, `[count, C', K']`, from a weight `[K, C, k, k]`, k of 3 or 4;
  /// channels and filters that are there only to fill whole blocks are 0.
  ///
  /// - Precision: each value is a sum of nine or sixteen products in Float.
  static func filters(_ weight: Tensor, channels: Int, filters: Int, count: Int) -> Tensor {
    let taps = weight.shape[2]
    let transform = filterTransform(taps: taps).map { $0.map(Float.init) }
    let result = Tensor(uninitialized: [count, channels, filters])
    nonisolated(unsafe) let (stored, transformed) = (weight.hostValues, result.hostValues)
    parallelLoop(channels) { channel in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: side * taps) { half in
        for filter in 0..<filters {
          guard channel < weight.shape[1] && filter < weight.shape[0] else {
            for place in 0..<count { transformed[(place * channels + channel) * filters + filter] = 0 }
            continue
          }
          let source = stored + (filter * weight.shape[1] + channel) * taps * taps
          transform.withUnsafeBufferPointer { transform in
            for row in 0..<side {
              for column in 0..<taps {
                var sum: Float = 0
                for tap in 0..<taps { sum += transform[row][tap] * source[tap * taps + column] }
                half[row * taps + column] = sum
              }
            }
            for row in 0..<side {
              for column in 0..<side where order[row * side + column] < count {
                var sum: Float = 0
                for tap in 0..<taps { sum += half[row * taps + tap] * transform[column][tap] }
                transformed[(order[row * side + column] * channels + channel) * filters + filter] = sum
              }
            }
          }
        }
      }
    }
    withExtendedLifetime(weight) {}
    return result
  }
}

extension Winograd {
  /// Returns the gradient of filters `[K, C, 3, 3]` from that of the products' matrices, given in parts
  /// `[36, C', K']` to be added up.
  static func filterGradient(_ parts: [Tensor], shape: Shape, channels: Int, filters: Int) -> Tensor {
    let taps = shape[2]
    let transform = filterTransform(taps: taps).map { $0.map(Float.init) }
    let result = Tensor(uninitialized: shape)
    nonisolated(unsafe) let (sources, gradient) = (parts.map(\.hostValues), result.hostValues)
    parallelLoop(shape[1]) { channel in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: count + taps * side) { scratch in
        let (products, half) = (scratch.baseAddress!, scratch.baseAddress! + count)
        for filter in 0..<shape[0] {
          for place in 0..<count {
            let source = (order[place] * channels + channel) * filters + filter
            products[place] = sources.reduce(0) { $0 + $1[source] }
          }
          for tap in 0..<taps {
            for column in 0..<side {
              var sum: Float = 0
              for row in 0..<side { sum += transform[row][tap] * products[row * side + column] }
              half[tap * side + column] = sum
            }
          }
          let target = gradient + (filter * shape[1] + channel) * taps * taps
          for row in 0..<taps {
            for tap in 0..<taps {
              var sum: Float = 0
              for column in 0..<side { sum += half[row * side + column] * transform[column][tap] }
              target[row * taps + tap] = sum
            }
          }
        }
      }
    }
    withExtendedLifetime(parts) {}
    return result
  }
}

/// Eight channels of a pixel: what the transforms work on at once.
typealias Lanes = SIMD8<Float>
