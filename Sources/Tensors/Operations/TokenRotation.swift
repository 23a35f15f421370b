import Foundation
import Numerics

/// The turns of queries and keys that tell attention where their tokens lie.
///
/// Two channels of a head are the coordinates of a point, which is turned by an angle of the token and of the
/// pair: (a, b) becomes (a cos - b sin, b cos + a sin). Products of queries and keys then depend on the
/// difference of their angles alone.
///
/// - Source: Su et al. 2021, arXiv:2104.09864.
public struct TokenRotation: Sendable {
  /// Tokens before those that are turned.
  public let skipped: Int
  /// The angles of each pair of channels of a head, `[h', L, d / 2]` row by row, h' either 1 or the number of
  /// heads.
  public let angles: [Float]
  /// Whether a pair are neighbours, 2 i and 2 i + 1; else they are i and i + d / 2.
  public let pairsNeighbours: Bool

  /// Creates the turns of the tokens after the first `skipped`.
  public init(skipping skipped: Int, angles: [Float], pairsNeighbours: Bool) {
    (self.skipped, self.angles, self.pairsNeighbours) = (skipped, angles, pairsNeighbours)
  }
}

/// Projections `[N, L, 3 h d]`, queries and keys of each token turned (``TokenRotation``), values as they
/// are.
struct TokenRotating: PlainOperation {
  let heads: Int
  let rotation: TokenRotation
  private let sines, cosines: [Float]

  init(heads: Int, _ rotation: TokenRotation) {
    (self.heads, self.rotation) = (heads, rotation)
    sines = rotation.angles.map { Float(sin(Double($0))) }
    cosines = rotation.angles.map { Float(cos(Double($0))) }
  }

  package func shape(of inputs: [Shape]) -> Shape {
    let shape = inputs[0]
    let turned = (shape[1] - rotation.skipped) * (shape[2] / (3 * heads)) / 2
    precondition(
      shape.rank == 3 && shape[2] % (6 * heads) == 0 && turned > 0
        && [turned, heads * turned].contains(rotation.angles.count),
      "\(rotation.angles.count) angles do not turn projections \(shape) of \(heads) heads")
    return shape
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    turn(inputs[0], into: result, direction: 1)
  }

  /// Turns the gradient back: the adjoint of a rotation is its inverse.
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(uninitialized: gradient.shape)
    turn(gradient, into: back, direction: -1)
    return [back]
  }

  private func turn(_ input: Tensor, into result: Tensor, direction: Float) {
    let (tokens, channels) = (input.shape[1], input.shape[2] / 3)
    let (size, turned) = (channels / heads, input.shape[1] - rotation.skipped)
    let half = size / 2
    let isShared = rotation.angles.count == turned * half
    let (second, step) = rotation.pairsNeighbours ? (1, 2) : (half, 1)
    parallelLoop(input.shape[0] * tokens) { row in
      let source = input.hostValues + row * 3 * channels
      let target = result.hostValues + row * 3 * channels
      let token = row % tokens - rotation.skipped
      guard token >= 0 else { return target.update(from: source, count: 3 * channels) }
      (target + 2 * channels).update(from: source + 2 * channels, count: channels)
      for part in 0..<2 * heads {
        let table = ((isShared ? 0 : part % heads) * turned + token) * half
        let (from, to) = (source + part * size, target + part * size)
        for pair in 0..<half {
          let (sine, cosine) = (direction * sines[table + pair], cosines[table + pair])
          let (a, b) = (from[pair * step], from[pair * step + second])
          to[pair * step] = a * cosine - b * sine
          to[pair * step + second] = b * cosine + a * sine
        }
      }
    }
  }
}

extension Tape {
  /// Returns projections `[N, L, 3 h d]` with queries and keys turned (``TokenRotation``).
  public func rotated(_ projections: Value, heads: Int, by rotation: TokenRotation) -> Value {
    apply(TokenRotating(heads: heads, rotation), to: projections)
  }
}
