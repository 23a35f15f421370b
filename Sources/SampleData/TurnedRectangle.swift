/// A rectangle that may stand at an angle to the pixels.
struct TurnedRectangle {
  /// The centre in pixels.
  let x: Double
  let y: Double
  /// Half the length along the direction, in pixels.
  let halfWidth: Double
  /// Half the length across the direction, in pixels.
  let halfHeight: Double
  let direction: (cosine: Double, sine: Double)

  /// Returns the pixels from the centre to a place, along the direction and across it.
  func offset(to px: Double, _ py: Double) -> (along: Double, across: Double) {
    let (dx, dy) = (px - x, py - y)
    return (
      dx * direction.cosine + dy * direction.sine,
      dy * direction.cosine - dx * direction.sine
    )
  }

  /// Returns the place at an offset from the centre, in pixels.
  func place(along: Double, across: Double) -> (x: Double, y: Double) {
    (
      x + along * direction.cosine - across * direction.sine,
      y + along * direction.sine + across * direction.cosine
    )
  }

  /// Returns whether a place lies inside, or no more than `margin` pixels outside.
  func contains(_ px: Double, _ py: Double, margin: Double = 0) -> Bool {
    let (along, across) = offset(to: px, py)
    return abs(along) < halfWidth + margin && abs(across) < halfHeight + margin
  }
}
