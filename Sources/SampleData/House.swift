/// A house with a pitched roof, and what an earthquake leaves of it. All lengths are pixels of 0.5 m.
struct House {
  /// The kind of thing that shows where the roof is gone.
  private enum Gap {
    case hole, tarpaulin, rubble
  }

  /// Grey levels of tiles (old, new, brown), slate and sheet metal.
  private static let roofs: [SIMD3<Double>] = [
    SIMD3(158, 84, 62), SIMD3(176, 106, 78), SIMD3(122, 88, 68), SIMD3(110, 110, 116), SIMD3(192, 190, 184),
  ]
  /// Broken plaster and brick.
  private static let stone = SIMD3(138.0, 127, 113)
  /// The rise of a roof towards its ridge.
  private static let pitch = 0.5

  let footprint: TurnedRectangle
  let level: DamageLevel
  private let seed: UInt64
  private let color: SIMD3<Double>
  private let eaves: Double
  private let gap: Gap
  /// Windows and solar panels, which a roof keeps: dark, but no damage.
  private let fittings: [TurnedRectangle]
  private let fittingColor: SIMD3<Double>
  private let grain: FractalNoise
  /// The places where the roof breaks first: up to two middles of holes, or the side from which it falls in.
  private let weaknesses: [SIMD2<Double>]
  /// The roof is gone where its strength is less.
  private var lostBelow = -Double.infinity

  init(on footprint: TurnedRectangle, level: DamageLevel, seed: UInt64) {
    self.footprint = footprint
    self.level = level
    self.seed = seed
    var random = SeededNumbers(seed: seed)
    let tone = 0.88 + 0.24 * random.uniform()
    color = Self.roofs[Int(random.uniform() * Double(Self.roofs.count))] * tone
    eaves = 8 + 4 * random.uniform()
    grain = FractalNoise(seed: random.next(), wavelength: 8, octaves: 3)
    let hasPanels = random.uniform() < 0.3
    fittingColor = hasPanels ? SIMD3(46, 54, 84) : SIMD3(58, 60, 64)
    fittings = Self.fittings(on: footprint, arePanels: hasPanels, &random)
    let isCovered = random.uniform() < 0.5
    gap = level == .minor ? (isCovered ? .tarpaulin : .hole) : .rubble
    let count = level == .minor && random.uniform() < 0.5 ? 2 : 1
    weaknesses = (0..<count).map { _ in SIMD2(1.3 * random.uniform() - 0.65, 1.3 * random.uniform() - 0.65) }
    let chance = random.uniform()
    switch level {
    case .minor: lostBelow = strength(of: 0.08 + 0.12 * chance)
    case .major: lostBelow = strength(of: 0.35 + 0.25 * chance)
    case .noBuilding, .none, .destroyed: break
    }
  }

  /// Pixels from the middle to the farthest rubble.
  var reach: Double { footprint.halfWidth + footprint.halfHeight + 3 }

  /// Puts what stands of the house at a place onto the ground.
  func stand(at x: Double, _ y: Double, after isAfter: Bool, on spot: inout Scenery.Spot) {
    if isAfter && level == .destroyed {
      if footprint.contains(x, y, margin: 1.5 + 0.6 * grain.at(x, y)) { spot = rubble(x, y) }
      return
    }
    guard footprint.contains(x, y) else { return }
    let isLost = isAfter && strength(x, y) < lostBelow
    switch gap {
    case .rubble where isLost: spot = rubble(x, y)
    case .hole where isLost:
      spot = Scenery.Spot(color: color * 0.12 + 24 + 20 * grain.at(x, y), height: eaves - 3)
    case .tarpaulin where isLost:
      spot = roof(x, y)
      spot.color = SIMD3(62, 104, 168) + 20 * grain.at(x, y)
    default: spot = roof(x, y)
    }
  }

  private func roof(_ x: Double, _ y: Double) -> Scenery.Spot {
    let across = footprint.offset(to: x, y).across
    let rise = across < 0 ? Self.pitch : -Self.pitch
    let isFitting = fittings.contains { $0.contains(x, y) }
    return Scenery.Spot(
      color: isFitting ? fittingColor : color * (1 + 0.1 * grain.at(x, y)),
      height: eaves + Self.pitch * (footprint.halfHeight - abs(across)),
      slope: SIMD2(-footprint.direction.sine, footprint.direction.cosine) * rise)
  }

  /// Returns broken walls, tiles of the roof and gaps between them, in heaps of a metre or two that lie any
  /// way round.
  private func rubble(_ x: Double, _ y: Double) -> Scenery.Spot {
    // Bent by noise, so that the pieces are no chequerboard.
    let (u, v) = (0.8 * x + 0.6 * y + 2.5 * grain.at(y, x), 0.8 * y - 0.6 * x + 2.5 * grain.at(-x, y))
    let (column, row) = (Int((u / 2.3).rounded(.down)), Int((v / 1.7).rounded(.down)))
    let piece = SeededNumbers.hashed(column, row, seed: seed &+ 1)
    let shade = SeededNumbers.hashed(column, row, seed: seed &+ 2)
    let stone = Self.stone * (0.75 + 0.5 * shade)
    let kind = piece < 0.08 ? Self.stone * 0.45 : piece < 0.36 ? color * (0.65 + 0.4 * shade) : stone
    return Scenery.Spot(color: kind * (1 + 0.3 * grain.at(x, y)), height: 1 + 0.8 * shade)
  }

  /// Returns the strength of the roof at a place, which says how long it holds; ragged where it tears,
  /// straight where a tarpaulin is laid.
  private func strength(_ x: Double, _ y: Double) -> Double {
    let (along, across) = footprint.offset(to: x, y)
    let raggedness = (gap == .tarpaulin ? 0.2 : gap == .hole ? 2 : 4) * grain.at(x, y)
    let nearest = weaknesses.map { weakness in
      let (a, b) = (weakness.x * footprint.halfWidth, weakness.y * footprint.halfHeight)
      return level == .major
        ? (along * weakness.x + across * weakness.y) / (abs(weakness.x) + abs(weakness.y) + 0.01)
        : max(abs(along - a), 1.3 * abs(across - b))
    }.min()
    return nearest! + raggedness
  }

  /// Returns the strength that a share of the roof does not reach.
  private func strength(of share: Double) -> Double {
    let steps = 24
    let strengths = (0..<steps * steps).map { place in
      let a = (Double(place % steps) + 0.5) / Double(steps) * 2 - 1
      let b = (Double(place / steps) + 0.5) / Double(steps) * 2 - 1
      let place = footprint.place(along: a * footprint.halfWidth, across: b * footprint.halfHeight)
      return strength(place.x, place.y)
    }.sorted()
    return strengths[Int(share * Double(strengths.count))]
  }

  private static func fittings(
    on footprint: TurnedRectangle, arePanels: Bool, _ random: inout SeededNumbers
  ) -> [TurnedRectangle] {
    let count = arePanels ? 1 : Int(random.uniform() * 3)
    let side = random.uniform() < 0.5 ? 0.5 : -0.5
    return (0..<count).map { _ in
      let middle = footprint.place(
        along: (random.uniform() - 0.5) * footprint.halfWidth, across: side * footprint.halfHeight)
      return TurnedRectangle(
        x: middle.x, y: middle.y, halfWidth: arePanels ? 5 + 2 * random.uniform() : 1.5,
        halfHeight: arePanels ? 0.3 * footprint.halfHeight : 1.5, direction: footprint.direction)
    }
  }
}
