import Numerics
import Tensors

/// Smooth ground that is known between pixels: cubic splines over random numbers on lattices from fine to
/// coarse.
public struct DrawnGround: Sendable {
  private let lattices: [(spacing: Double, size: Double, values: [Double])]
  private static let side = 512

  /// The ground of a seed.
  public init(seed: UInt64) {
    var random = RandomSource(seed: seed, stream: "ground")
    lattices = [(2.5, 1), (6, 2), (15, 3), (40, 4)].map { spacing, size in
      (spacing, size, (0..<Self.side * Self.side).map { _ in random.normal() })
    }
  }

  /// The value at a position, which may lie between pixels: from -250 to 1,000 pixels either way.
  public func value(_ row: Double, _ column: Double) -> Double {
    lattices.reduce(0) { sum, lattice in
      let (down, right) = (row / lattice.spacing + 100, column / lattice.spacing + 100)
      let (downs, rights) = (weights(down - down.rounded(.down)), weights(right - right.rounded(.down)))
      var value = 0.0
      for (i, one) in downs.enumerated() {
        for (j, other) in rights.enumerated() {
          value += one * other * lattice.values[(Int(down) + i) * Self.side + Int(right) + j]
        }
      }
      return sum + lattice.size * value
    }
  }

  /// The cubic B-spline at a part of a lattice's step.
  private func weights(_ t: Double) -> [Double] {
    [
      (1 - t) * (1 - t) * (1 - t) / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
      (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6,
    ]
  }
}
