import Foundation
import Numerics

/// The shadow of a cloud: within an irregular, soft-edged patch the ground reflects a share of the light that
/// it would.
///
/// A pixel's value in the sensor's unit is multiplied, not its normalised one: what is black stays black. The
/// share, one for all bands of reflected light, lies between 0.3 and 0.8: the sun's direct light is gone,
/// that of the sky is left.
///
/// The patch is an ellipse with half-axes of 0.15 to 0.45 of the chip's side about any point of the chip,
/// whose edge a ``SmoothField`` moves in and out.
struct Shadow {
  /// The width of the edge, as a share of the way from the middle to the edge.
  private static let softness: Float = 0.3
  /// The distance that the field moves the edge to either side, as a share of that way.
  private static let roughness: Float = 0.4

  private let share: Float
  private let centre: (row: Float, column: Float)
  private let halfAxes: (Float, Float)
  private let angle: Double
  private let field: SmoothField

  /// Creates a shadow of its own.
  package init(size: Int, random: inout RandomSource) {
    let side = Double(size)
    share = Float(random.uniform(0.3, 0.8))
    centre = (Float(random.uniform(0, side)), Float(random.uniform(0, side)))
    halfAxes = (Float(random.uniform(0.15, 0.45) * side), Float(random.uniform(0.15, 0.45) * side))
    angle = random.uniform(0, .pi)
    field = SmoothField(random: &random)
  }

  /// Darkens valid pixels.
  package func apply(to chip: ChipPixels, _ normalization: Normalization) {
    let light = light(size: chip.size)
    for (band, quantity) in normalization.quantities.enumerated() where quantity.isReflectedLight {
      let (values, valid, black) = (chip.plane(band), chip.valid, normalization.zero(band: band))
      for pixel in values.indices where valid[pixel] && light[pixel] < 1 {
        values[pixel] = black + (values[pixel] - black) * light[pixel]
      }
    }
  }

  /// Returns the share of light that is left at each pixel, `[size, size]`.
  private func light(size: Int) -> [Float] {
    var light = field.values(size: size)
    let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
    for row in 0..<size {
      for column in 0..<size {
        let (down, right) = (Float(row) - centre.row, Float(column) - centre.column)
        let along = (cosine * down - sine * right) / halfAxes.0
        let across = (sine * down + cosine * right) / halfAxes.1
        let edge = 1 + Self.roughness * (2 * light[row * size + column] - 1)
        let distance = (along * along + across * across).squareRoot()
        light[row * size + column] = 1 - (1 - share) * smoothStep((edge - distance) / Self.softness)
      }
    }
    return light
  }
}
