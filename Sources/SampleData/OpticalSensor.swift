/// Takes a picture in six bands of reflectance, with blur, haze, noise, clouds and a border.
struct OpticalSensor {
  /// The instrument that takes the picture.
  struct Instrument {
    /// The side of a pixel in pixels of the region (10 m).
    let step: Int
    let bandNames: [String]
    /// The response of each band to a surface, relative to Sentinel-2's: `gain * reflectance + offset`.
    let response: (gain: SIMD8<Double>, offset: SIMD8<Double>)
    /// The number that stands for a reflectance; 0 is no data.
    let stored: @Sendable (Double) -> UInt16
  }

  /// The air and the swath of one date.
  struct Conditions {
    /// The factor of each band.
    let gain: SIMD8<Double>
    /// The path reflectance of each band.
    let haze: SIMD8<Double>
    /// The direction to the sun, as a horizontal unit vector times the cotangent of the sun's height.
    let sun: (x: Double, y: Double)
    /// Clouds: centre and radius in pixels.
    let clouds: [(x: Double, y: Double, radius: Double)]
    /// The edge of the swath: pixels with `x * a + y * b < c` are outside.
    let border: (a: Double, b: Double, c: Double)
    let seed: UInt64
  }

  /// A picture and what it does not show.
  struct Picture {
    /// The pixels of a side.
    let side: Int
    /// The bands as the instrument stores them, `[6][side, side]`; 0 outside the swath.
    let bands: [[UInt16]]
    /// Whether each pixel lies outside the swath, `[side, side]`.
    let isOutside: [Bool]
    /// Whether each pixel lies under a cloud or its shadow, `[side, side]`.
    let isClouded: [Bool]
  }

  /// The share of light that a cloud's shadow takes from each band: the blue sky still shines into it.
  private static let shadeDepth = SIMD8(0.40, 0.47, 0.54, 0.62, 0.68, 0.68, 0, 0)

  let conditions: Conditions
  var instrument = Instrument.sentinel2

  func picture(of truth: GroundTruth) -> Picture {
    let (step, side) = (instrument.step, truth.side / instrument.step)
    var reflectance = averaged(shaded(truth), side: truth.side)
    for band in 0..<6 {
      // The shortwave bands have pixels of 20 m.
      for _ in 0..<(band < 4 ? 1 : 2) { reflectance[band] = blurred(reflectance[band], side: truth.side) }
    }
    reflectance = reflectance.map { coarsened($0, side: truth.side, by: step) }
    let clouds = clouds(side: truth.side)
    let sky = (
      cover: coarsened(clouds.cover, side: truth.side, by: step),
      shadow: coarsened(clouds.shadow, side: truth.side, by: step)
    )
    var random = SeededNumbers(seed: conditions.seed)
    var bands = [[UInt16]](repeating: [UInt16](repeating: 0, count: side * side), count: 6)
    let (a, b, c) = conditions.border
    let isOutside = (0..<side * side).map { pixel in
      Double(pixel % side * step) * a + Double(pixel / side * step) * b < c
    }
    for pixel in 0..<side * side {
      let common = random.normal()
      for band in 0..<6 {
        let own = random.normal()
        guard !isOutside[pixel] else { continue }
        let measured =
          reflectance[band][pixel] * instrument.response.gain[band] + instrument.response.offset[band]
        let surface = measured * (1 + 0.06 * common + 0.05 * own)
        let ground =
          surface * conditions.gain[band] * (1 - Self.shadeDepth[band] * sky.shadow[pixel])
          + conditions.haze[band]
        let cloud = band < 4 ? 0.46 + 0.02 * Double(band) : 0.34 - 0.03 * Double(band - 4)
        let seen = ground * (1 - sky.cover[pixel]) + cloud * sky.cover[pixel] + 0.003 * own
        bands[band][pixel] = instrument.stored(seen)
      }
    }
    return Picture(
      side: side, bands: bands, isOutside: isOutside,
      isClouded: zip(sky.cover, sky.shadow).map { $0 > 0.12 || $1 > 0.25 })
  }

  /// Returns the reflectances under the sun: slopes that face the sun are lighter.
  private func shaded(_ truth: GroundTruth) -> [SIMD8<Double>] {
    let samples = truth.samples
    return (0..<samples * samples).map { place in
      let (row, column) = (place / samples, place % samples)
      let right = truth.heights[row * samples + min(column + 2, samples - 1)]
      let below = truth.heights[min(row + 2, samples - 1) * samples + column]
      let slopeX = right - truth.heights[place]
      let slopeY = below - truth.heights[place]
      let light = 1 - 7 * (slopeX * conditions.sun.x + slopeY * conditions.sun.y)
      return truth.surfaces[place].reflectance * max(0.72, min(1.28, light))
    }
  }

  /// Returns the mean of the four samples that make a pixel, band by band.
  private func averaged(_ samples: [SIMD8<Double>], side: Int) -> [[Double]] {
    let width = 2 * side
    var bands = [[Double]](repeating: [Double](repeating: 0, count: side * side), count: 6)
    for pixel in 0..<side * side {
      let first = pixel / side * 2 * width + pixel % side * 2
      let mean =
        (samples[first] + samples[first + 1] + samples[first + width] + samples[first + width + 1]) / 4
      for band in 0..<6 { bands[band][pixel] = mean[band] }
    }
    return bands
  }

  /// Returns the mean of every `step x step` pixels.
  private func coarsened(_ values: [Double], side: Int, by step: Int) -> [Double] {
    guard step > 1 else { return values }
    let coarse = side / step
    return (0..<coarse * coarse).map { pixel in
      let first = pixel / coarse * step * side + pixel % coarse * step
      let sum = (0..<step * step).reduce(0) { $0 + values[first + $1 / step * side + $1 % step] }
      return sum / Double(step * step)
    }
  }

  /// Returns the instrument's point spread: a binomial of three pixels both ways.
  private func blurred(_ band: [Double], side: Int) -> [Double] {
    var across = band
    for pixel in band.indices {
      let column = pixel % side
      let left = band[column > 0 ? pixel - 1 : pixel]
      let right = band[column < side - 1 ? pixel + 1 : pixel]
      across[pixel] = (left + 2 * band[pixel] + right) / 4
    }
    var both = across
    for pixel in band.indices {
      let row = pixel / side
      let above = across[row > 0 ? pixel - side : pixel]
      let below = across[row < side - 1 ? pixel + side : pixel]
      both[pixel] = (above + 2 * across[pixel] + below) / 4
    }
    return both
  }

  /// Returns how much of each pixel a cloud hides, and how dark its shadow is.
  private func clouds(side: Int) -> (cover: [Double], shadow: [Double]) {
    let shape = FractalNoise(seed: conditions.seed &+ 51, wavelength: 26, octaves: 5)
    let density = { (x: Double, y: Double) -> Double in
      let thickness = conditions.clouds.map { cloud -> Double in
        let (dx, dy) = (x - cloud.x, y - cloud.y)
        return 1 - (dx * dx + dy * dy).squareRoot() / cloud.radius + 0.75 * shape.at(x, y)
      }.max()
      return smoothStep(thickness ?? -1, from: 0, to: 0.5)
    }
    var cover: [Double] = []
    var shadow: [Double] = []
    for pixel in 0..<side * side {
      let (x, y) = (Double(pixel % side), Double(pixel / side))
      cover.append(0.96 * density(x, y))
      shadow.append(density(x - 16 * conditions.sun.x, y - 16 * conditions.sun.y))
    }
    return (cover, shadow)
  }
}
