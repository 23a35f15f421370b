/// Takes a picture from the air in red, green and blue, under the light of one date.
struct AerialCamera {
  /// The light and the flight of one date.
  struct Conditions {
    /// The factor of each band.
    let gain: SIMD3<Double>
    /// The grey levels that the air adds to each band.
    let offset: SIMD3<Double>
    /// The shadow of something one pixel high, in pixels to the right and downwards.
    let shadow: SIMD2<Double>
    /// The distance of the picture from its grid, in pixels.
    let drift: (x: Double, y: Double)
    let seed: UInt64
  }

  static let bandNames = ["red", "green", "blue"]
  /// Grey levels between those that occur: finer ones would store noise.
  private static let step = 3.0
  /// The light of the sky alone, a band, as a share of full sun.
  private static let skylight = SIMD3(0.40, 0.45, 0.54)

  let conditions: Conditions

  /// Takes the picture of a piece of a town: `[3][side, side]` grey levels of 0 ... 255.
  func picture(of scenery: Scenery) -> [[UInt8]] {
    let side = scenery.samples / Scenery.density - 2 * Scenery.margin
    let seen = blurred(averaged(lit(scenery), side: side), side: side)
    var random = SeededNumbers(seed: conditions.seed)
    var bands = [[UInt8]](repeating: [], count: 3)
    for color in seen {
      let light = color * conditions.gain + conditions.offset
      let common = 2.5 * random.normal()
      for band in 0..<3 {
        let value = light[band] + common + 1.5 * random.normal()
        bands[band].append(UInt8(max(0, min(255, (value / Self.step).rounded() * Self.step))))
      }
    }
    return bands
  }

  /// Returns the colours in sun and shade, with the margin.
  private func lit(_ scenery: Scenery) -> [SIMD3<Double>] {
    scenery.spots.indices.map { place in
      let spot = scenery.spots[place]
      if isShaded(place, in: scenery) { return spot.color * Self.skylight }
      // Lambert's law, as a share of the light on level ground: the cosine between the sun and the slope's
      // normal.
      let steepness = (1 + (spot.slope * spot.slope).sum()).squareRoot()
      let sun = max(0, (1 + (spot.slope * conditions.shadow).sum()) / steepness)
      return spot.color * (Self.skylight + (1 - Self.skylight) * sun)
    }
  }

  /// Returns whether something on the way to the sun stands higher than the light passes.
  private func isShaded(_ place: Int, in scenery: Scenery) -> Bool {
    let (row, column) = (place / scenery.samples, place % scenery.samples)
    let shadow = conditions.shadow * Double(Scenery.density)
    // A pixel of height at a time, up to the highest ridge: one step is about a sample long.
    for step in 1...20 {
      let rise = Double(step)
      let towards = SIMD2(Double(column), Double(row)) - shadow * rise
      let (c, r) = (Int(towards.x.rounded()), Int(towards.y.rounded()))
      guard c >= 0, r >= 0, c < scenery.samples, r < scenery.samples else { return false }
      let height = scenery.spots[place].height
      if scenery.spots[r * scenery.samples + c].height > height + rise { return true }
    }
    return false
  }

  /// Returns the mean of a pixel's samples, without the margin.
  private func averaged(_ samples: [SIMD3<Double>], side: Int) -> [SIMD3<Double>] {
    let density = Scenery.density
    let width = (side + 2 * Scenery.margin) * density
    return (0..<side * side).map { pixel in
      let first =
        (pixel / side + Scenery.margin) * density * width + (pixel % side + Scenery.margin) * density
      let sum = (0..<density * density).reduce(SIMD3<Double>()) {
        $0 + samples[first + $1 / density * width + $1 % density]
      }
      return sum / Double(density * density)
    }
  }

  /// Returns the lens: an eighth of the light falls into each neighbour, both ways.
  private func blurred(_ picture: [SIMD3<Double>], side: Int) -> [SIMD3<Double>] {
    let across = picture.indices.map { pixel in
      let left = picture[pixel % side > 0 ? pixel - 1 : pixel]
      let right = picture[pixel % side < side - 1 ? pixel + 1 : pixel]
      return picture[pixel] * 0.75 + (left + right) * 0.125
    }
    return across.indices.map { pixel in
      let above = across[pixel >= side ? pixel - side : pixel]
      let below = across[pixel < (side - 1) * side ? pixel + side : pixel]
      return across[pixel] * 0.75 + (above + below) * 0.125
    }
  }
}

extension AerialCamera.Conditions {
  /// Returns clear air in early March, early in the afternoon.
  static func march2024(_ quarter: DamagedTown.Quarter, seed: UInt64) -> Self {
    Self(
      gain: SIMD3(1, 1, 1), offset: SIMD3(0, 0, 2), shadow: SIMD2(0.42, -0.36), drift: (0, 0),
      seed: seed &+ (quarter == .west ? 101 : 102))
  }

  /// Returns hazy air in April, later in the day: warmer light, shadows a little longer and turned; half a
  /// pixel beside March's picture.
  static func april2024(_ quarter: DamagedTown.Quarter, seed: UInt64) -> Self {
    Self(
      gain: SIMD3(1.02, 0.95, 0.86), offset: SIMD3(8, 9, 14), shadow: SIMD2(0.60, -0.28), drift: (0.5, -0.4),
      seed: seed &+ (quarter == .west ? 103 : 104))
  }
}
