/// What decides where a place on the ground is in a radar image: the orbit, the clock of lines, and the
/// conversion from slant range to samples.
package struct ImageGeometry: Sendable {
  /// The number of lines and of samples.
  package let lines, samples: Int
  /// Seconds from one line to the next.
  package let lineInterval: Double
  /// Metres from one sample to the next, on the ground.
  package let sampleSpacing: Double
  package let orbit: Orbit
  package let groundRange: GroundRange

  package init(
    lines: Int, samples: Int, lineInterval: Double, sampleSpacing: Double, orbit: Orbit,
    groundRange: GroundRange
  ) {
    (self.lines, self.samples) = (lines, samples)
    (self.lineInterval, self.sampleSpacing) = (lineInterval, sampleSpacing)
    (self.orbit, self.groundRange) = (orbit, groundRange)
  }

  /// The time of the middle of the image.
  package var middle: Double { Double(lines - 1) * lineInterval / 2 }

  /// Returns the line and sample in which a place is seen; whole numbers are the middles of pixels. What is
  /// seen outside the image has its place there, too.
  package func place(of point: EarthFixed) -> (line: Double, sample: Double) {
    // The arc of the middle is good for some seconds only.
    let near = orbit.arc(at: middle).zeroDoppler(of: point, from: middle).time
    let seen = orbit.arc(at: near).zeroDoppler(of: point, from: near)
    var hint = 0
    let ground = groundRange.ground(seen.sight.length, at: seen.time, hint: &hint)
    return (seen.time / lineInterval, ground / sampleSpacing)
  }

  /// Whether a place in the image is among its pixels.
  @inline(__always)
  func contains(line: Double, sample: Double) -> Bool {
    line >= -0.5 && line <= Double(lines) - 0.5 && sample >= -0.5 && sample <= Double(samples) - 0.5
  }
}
