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

  /// G row by row, `[6, taps]`.
  fileprivate static func flatFilterTransform(taps: Int) -> [Float] {
    filterTransform(taps: taps).flatMap { $0.map(Float.init) }
  }

  /// Returns the matrices of the products, `[count, C', K']`, from a weight `[K, C, k, k]`, k of 3 or 4;
  /// channels and filters that are there only to fill whole blocks are 0.
  ///
  /// - Precision: each value is a sum of nine or sixteen products in Float.
  static func filters(_ weight: Tensor, channels: Int, filters: Int, count: Int) -> Tensor {
    let (kept, inputs, taps) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let (transform, order, area) = (flatFilterTransform(taps: taps), order, taps * taps)
    let result = Tensor(uninitialized: [count, channels, filters])
    nonisolated(unsafe) let (stored, transformed) = (weight.hostValues, result.hostValues)
    parallelLoop(channels) { channel in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: area + side * taps) { scratch in
        let (source, half) = (scratch.baseAddress!, scratch.baseAddress! + area)
        let lanes = UnsafeMutableRawPointer(source).assumingMemoryBound(to: Float.self)
        for first in stride(from: 0, to: filters, by: Lanes.scalarCount) {
          for tap in 0..<area {
            source[tap] = .zero
            guard channel < inputs && first < kept else { continue }
            for lane in 0..<min(Lanes.scalarCount, kept - first) {
              lanes[tap * Lanes.scalarCount + lane] = stored[((first + lane) * inputs + channel) * area + tap]
            }
          }
          for row in 0..<side {
            for column in 0..<taps {
              var sum = Lanes.zero
              for tap in 0..<taps { sum += transform[row * taps + tap] * source[tap * taps + column] }
              half[row * taps + column] = sum
            }
          }
          for row in 0..<side {
            for column in 0..<side where order[row * side + column] < count {
              var sum = Lanes.zero
              for tap in 0..<taps { sum += half[row * taps + tap] * transform[column * taps + tap] }
              let place = order[row * side + column]
              write(sum, transformed + (place * channels + channel) * filters + first)
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
    let (kept, inputs, taps) = (shape[0], shape[1], shape[2])
    let (transform, order, area) = (flatFilterTransform(taps: taps), order, taps * taps)
    let result = Tensor(uninitialized: shape)
    nonisolated(unsafe) let (sources, gradient) = (parts.map(\.hostValues), result.hostValues)
    parallelLoop(inputs) { channel in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: count + taps * side + 1) { scratch in
        let (products, half) = (scratch.baseAddress!, scratch.baseAddress! + count)
        let sum = half + taps * side
        let lanes = UnsafeMutableRawPointer(sum).assumingMemoryBound(to: Float.self)
        for first in stride(from: 0, to: kept, by: Lanes.scalarCount) {
          for place in 0..<count {
            let source = (order[place] * channels + channel) * filters + first
            products[place] = sources.reduce(Lanes.zero) { $0 + read($1 + source) }
          }
          for tap in 0..<taps {
            for column in 0..<side {
              var sum = Lanes.zero
              for row in 0..<side { sum += transform[row * taps + tap] * products[row * side + column] }
              half[tap * side + column] = sum
            }
          }
          for tap in 0..<area {
            let (row, tapColumn) = (tap / taps, tap % taps)
            sum.pointee = .zero
            for column in 0..<side {
              sum.pointee += half[row * side + column] * transform[column * taps + tapColumn]
            }
            for lane in 0..<min(Lanes.scalarCount, kept - first) {
              gradient[((first + lane) * inputs + channel) * area + tap] = lanes[lane]
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
