import ChangeDetection
import Foundation
import Tensors

/// A plane of speckle of `looks` looks around a mean that may depend on row and column.
func speckle(
  width: Int, height: Int, looks: Double, seed: UInt64,
  mean: (_ row: Int, _ column: Int) -> Double = { _, _ in 1 }
) -> Plane {
  var random = RandomSource(seed: seed, stream: "speckle")
  return Plane(
    width: width,
    values: (0..<width * height).map {
      Float(random.gamma(shape: looks) / looks * mean($0 / width, $0 % width))
    })
}

/// Smooth ground that is known between pixels: cubic splines over random numbers on lattices from fine to coarse.
struct DrawnGround {
  private let lattices: [(spacing: Double, size: Double, values: [Double])]
  private static let side = 512

  init(seed: UInt64) {
    var random = RandomSource(seed: seed, stream: "ground")
    lattices = [(2.5, 1), (6, 2), (15, 3), (40, 4)].map { spacing, size in
      (spacing, size, (0..<Self.side * Self.side).map { _ in random.normal() })
    }
  }

  func value(_ row: Double, _ column: Double) -> Double {
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

/// A plane read in the strips that its source chooses, and in rows one by one.
func inRows(_ source: some PlaneSource) throws -> [Float] {
  try (0..<source.height).flatMap { try source.read(rows: $0..<$0 + 1).values }
}
