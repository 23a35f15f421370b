/// A smooth random field with detail at every scale, as landscapes have it.
///
/// Gradient noise on a square lattice, summed over octaves that halve in wavelength and amplitude. Values
/// have mean 0 and lie within about -1 ... 1.
struct FractalNoise {
  let seed: UInt64
  /// Pixels of the coarsest octave.
  let wavelength: Double
  let octaves: Int

  init(seed: UInt64, wavelength: Double, octaves: Int = 4) {
    self.seed = seed
    self.wavelength = wavelength
    self.octaves = octaves
  }

  /// Returns the field at a place in pixels.
  func at(_ x: Double, _ y: Double) -> Double {
    var sum = 0.0
    var amplitude = 1.0
    var frequency = 1 / wavelength
    for octave in 0..<octaves {
      sum += amplitude * gradientNoise(x * frequency, y * frequency, seed: seed &+ UInt64(octave) &* 7919)
      amplitude *= 0.5
      frequency *= 2
    }
    return sum * 1.4
  }

  private func gradientNoise(_ x: Double, _ y: Double, seed: UInt64) -> Double {
    let (column, row) = (x.rounded(.down), y.rounded(.down))
    let (dx, dy) = (x - column, y - row)
    let corner = { (stepX: Int, stepY: Int) -> Double in
      let (i, j) = (Int(column) + stepX, Int(row) + stepY)
      let gx = SeededNumbers.hashed(i, j, seed: seed) * 2 - 1
      let gy = SeededNumbers.hashed(i, j, seed: seed &+ 0x5DEE_CE66) * 2 - 1
      return gx * (dx - Double(stepX)) + gy * (dy - Double(stepY))
    }
    // Quintic blending: first and second derivatives vanish at lattice lines, so that none of them shows.
    let blend = { (t: Double) in t * t * t * (t * (t * 6 - 15) + 10) }
    let (u, v) = (blend(dx), blend(dy))
    let top = corner(0, 0) * (1 - u) + corner(1, 0) * u
    let bottom = corner(0, 1) * (1 - u) + corner(1, 1) * u
    return top * (1 - v) + bottom * v
  }
}

/// Returns a soft step: 0 below `low`, 1 above `high`, smooth between.
func smoothStep(_ value: Double, from low: Double, to high: Double) -> Double {
  let t = min(1, max(0, (value - low) / (high - low)))
  return t * t * (3 - 2 * t)
}
