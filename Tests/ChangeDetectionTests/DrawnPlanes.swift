import ChangeDetection
import Foundation
import Numerics
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

/// A plane read in the strips that its source chooses, and in rows one by one.
func inRows(_ source: some PlaneSource) throws -> [Float] {
  try (0..<source.height).flatMap { try source.read(rows: $0..<$0 + 1).values }
}
