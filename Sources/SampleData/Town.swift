/// A settlement: streets, blocks and what stands on them.
struct Town {
  /// The kind of surface at a place of the settlement.
  enum Surface {
    case street, roof, brightRoof, garden, yard
  }

  let centreX: Double
  let centreY: Double
  /// Pixels to the edge of the settlement, on average.
  let radius: Double
  private let seed: UInt64
  private let direction: (cosine: Double, sine: Double)
  private let outline: FractalNoise

  init(centre: (Double, Double), radius: Double, direction: (Double, Double), seed: UInt64) {
    (centreX, centreY) = centre
    self.radius = radius
    self.direction = direction
    self.seed = seed
    outline = FractalNoise(seed: seed &+ 21, wavelength: max(18, radius), octaves: 3)
  }

  /// Returns how far a place lies outside the ragged edge, as a share of the radius; negative inside.
  func outside(_ x: Double, _ y: Double) -> Double {
    let (dx, dy) = (x - centreX, y - centreY)
    return (dx * dx + dy * dy).squareRoot() / radius - 1 - 0.55 * outline.at(x, y)
  }

  /// Returns the surface at a place inside. Blocks of about 90 by 70 m between streets of 10 m: the centre is
  /// built over, the outskirts are houses in gardens, some blocks are halls and yards.
  func surface(_ x: Double, _ y: Double) -> Surface {
    let along = (x - centreX) * direction.cosine + (y - centreY) * direction.sine
    let across = (y - centreY) * direction.cosine - (x - centreX) * direction.sine
    let (column, row) = ((along / 9).rounded(.down), (across / 7).rounded(.down))
    let (inX, inY) = (along - column * 9, across - row * 7)
    if inX < 1 || inY < 1 { return .street }
    let block = SeededNumbers.hashed(Int(column), Int(row), seed: seed &+ 31)
    let isCentral = outside(x, y) < -0.62
    if block < 0.16 {
      // A hall in a paved yard.
      return inX > 2.2 && inY > 2.2 && inX < 7.8 && inY < 6 ? .brightRoof : .yard
    }
    // Houses stand 20 m apart, closer in the centre.
    let spacing = isCentral ? 1.5 : 2.0
    let (houseX, houseY) = ((inX / spacing).rounded(.down), (inY / spacing).rounded(.down))
    let house = SeededNumbers.hashed(
      Int(column) &* 64 &+ Int(houseX), Int(row) &* 64 &+ Int(houseY), seed: seed &+ 32)
    let isHouse = inX - houseX * spacing < 1.25 && inY - houseY * spacing < 1.25
    if isHouse, house < (isCentral ? 0.92 : 0.72) { return house < 0.06 ? .brightRoof : .roof }
    return isCentral && house > 0.4 ? .yard : .garden
  }
}
