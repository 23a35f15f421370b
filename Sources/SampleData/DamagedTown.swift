import Rasters

/// A small town before and after an earthquake. All lengths are pixels of 0.5 m; x grows eastwards, y
/// southwards.
struct DamagedTown {
  /// A part of the town, which one picture shows.
  enum Quarter: String, CaseIterable {
    case west, east

    /// The first column of the town that belongs to the quarter.
    var left: Int { self == .west ? 0 : DamagedTown.side }
  }

  /// A tree with a round crown.
  struct Tree {
    let x: Double
    let y: Double
    let radius: Double
    let color: SIMD3<Double>
  }

  /// Pixels along a quarter's side.
  static let side = 320
  static let name = "region-c"

  static let street = 12.0
  /// A plot along the street and away from it.
  static let plot = (width: 38.0, depth: 40.0)
  /// Plots between two streets, along the street and back to back.
  static let block = (columns: 4, rows: 2)
  /// Streets stand at 13 degrees to the pixels: a Pythagorean pair needs no function of the C library.
  private static let direction = (cosine: 40.0 / 41, sine: 9.0 / 41)
  /// The shares of a quarter's houses at each level of damage, counted from the worst hit.
  static let shares: [(level: DamageLevel, share: Double)] = [
    (.destroyed, 0.15), (.major, 0.15), (.minor, 0.20), (.none, 1),
  ]

  let seed: UInt64
  /// The crossing of streets from which plots are counted.
  let frame: TurnedRectangle
  private let houses: [House]
  private let trees: [Tree]
  private let meadow: FractalNoise
  private let soil: FractalNoise

  init(seed: UInt64) {
    let seed = SeededNumbers.mixed(seed &+ 0xC)
    self.seed = seed
    meadow = FractalNoise(seed: seed &+ 1, wavelength: 13.7, octaves: 3)
    soil = FractalNoise(seed: seed &+ 2, wavelength: 44, octaves: 3)
    frame = TurnedRectangle(
      x: Double(Self.side), y: Double(Self.side) / 2, halfWidth: 0, halfHeight: 0, direction: Self.direction)
    let footprints = Self.footprints(in: frame, seed: seed &+ 3)
    houses = zip(footprints, Self.levels(of: footprints, seed: seed &+ 4)).enumerated().map {
      House(on: $1.0, level: $1.1, seed: SeededNumbers.mixed(seed &+ 5 &+ UInt64($0) &* 97))
    }
    trees = Self.trees(in: frame, around: footprints, seed: seed &+ 6)
  }

  /// Returns the grid of a quarter: UTM zone 33, pixels of 0.5 m.
  static func grid(of quarter: Quarter) throws -> Grid {
    let pixel = 0.5
    return Grid(
      width: side, height: side,
      transform: GeoTransform(
        originX: 395_400 + pixel * Double(quarter.left), originY: 5_417_280, pixelSize: pixel),
      crs: try .epsg(32633))
  }

  /// Returns `[side, side]` levels of damage: that of the house on whose footprint a pixel's middle lies,
  /// though a crown may hide it.
  func levels(of quarter: Quarter) -> [UInt8] {
    (0..<Self.side * Self.side).map { pixel in
      let x = Double(quarter.left + pixel % Self.side) + 0.5
      let y = Double(pixel / Self.side) + 0.5
      let house = houses.first { abs($0.footprint.x - x) < 24 && $0.footprint.contains(x, y) }
      return (house?.level ?? .noBuilding).rawValue
    }
  }

  /// Returns the scenery that a camera sees of a quarter when it looks `drift` pixels beside it.
  ///
  /// - Parameter isAfter: after the earthquake, in a drier month, with other cars in the streets.
  func scenery(of quarter: Quarter, after isAfter: Bool, drift: (x: Double, y: Double)) -> Scenery {
    var scenery = Scenery(
      side: Self.side, corner: (Double(quarter.left) + drift.x, drift.y),
      ground: { ground($0, $1, dryness: isAfter ? 0.45 : 0) })
    for house in houses {
      scenery.put(atX: house.footprint.x, y: house.footprint.y, reach: house.reach) {
        house.stand(at: $0, $1, after: isAfter, on: &$2)
      }
    }
    for vehicle in vehicles(after: isAfter) {
      scenery.put(atX: vehicle.place.x, y: vehicle.place.y, reach: 14) {
        if vehicle.place.contains($0, $1) { $2 = Scenery.Spot(color: vehicle.color, height: vehicle.height) }
      }
    }
    for tree in trees {
      scenery.put(atX: tree.x, y: tree.y, reach: tree.radius + 2) {
        grow(tree, at: $0, $1, dryness: isAfter ? 0.25 : 0, on: &$2)
      }
    }
    return scenery
  }
}

// MARK: Ground

extension DamagedTown {
  /// Returns the block around a place and the pixels from its corner, where two streets meet.
  private func block(_ x: Double, _ y: Double) -> (column: Int, row: Int, along: Double, across: Double) {
    let (along, across) = frame.offset(to: x, y)
    let (width, depth) = Self.blockSize
    let (column, row) = ((along / width).rounded(.down), (across / depth).rounded(.down))
    return (Int(column), Int(row), along - column * width, across - row * depth)
  }

  /// Pixels from street to street.
  static var blockSize: (width: Double, depth: Double) {
    (street + Double(block.columns) * plot.width, street + Double(block.rows) * plot.depth)
  }

  private func ground(_ x: Double, _ y: Double, dryness: Double) -> Scenery.Spot {
    let block = block(x, y)
    if block.along < Self.street || block.across < Self.street { return streetSpot(x, y, in: block) }
    let (inColumn, inRow) = (
      (block.along - Self.street) / Self.plot.width, (block.across - Self.street) / Self.plot.depth
    )
    let column = block.column * Self.block.columns + Int(inColumn)
    let row = block.row * Self.block.rows + Int(inRow)
    let use = SeededNumbers.hashed(column, row, seed: seed &+ 11)
    let edge = min(
      (inColumn - inColumn.rounded(.down)) * Self.plot.width,
      (inRow - inRow.rounded(.down)) * Self.plot.depth)
    let fine = meadow.at(x, y)
    if edge < 1.5, use > 0.45 {
      return Scenery.Spot(color: SIMD3(58, 76, 46) * (1 + 0.35 * fine), height: 2.5)
    }
    let paving = SIMD3(152, 146, 138) * (1 + 0.08 * fine)
    if use < 0.12 { return Scenery.Spot(color: paving) }
    // Every third garden has a terrace towards the street.
    if use < 0.42, abs(inRow.rounded() - 1) > 0.5, edge < 9 { return Scenery.Spot(color: paving) }
    return Scenery.Spot(color: garden(fine, bareness: soil.at(x, y) + 0.4 * fine, use, dryness))
  }

  /// Returns the colour of grass and soil; dry grass is yellow.
  private func garden(_ fine: Double, bareness: Double, _ use: Double, _ dryness: Double) -> SIMD3<Double> {
    let green = SIMD3(92, 112, 64) * (0.88 + 0.24 * use)
    let grass = green * (1 - dryness) + SIMD3(142, 130, 88) * dryness
    let earth = SIMD3(140, 118, 92) * (1 + 0.1 * dryness)
    let share = smoothStep(bareness + 0.35 * use, from: 0.15, to: 0.55)
    return (grass * (1 - share) + earth * share) * (1 + 0.22 * fine)
  }

  private func streetSpot(
    _ x: Double, _ y: Double, in block: (column: Int, row: Int, along: Double, across: Double)
  ) -> Scenery.Spot {
    let isCrossing = block.along < Self.street && block.across < Self.street
    let inward = block.along < Self.street ? block.along : block.across
    let isPavement = !isCrossing && min(inward, Self.street - inward) < 2
    let color = isPavement ? SIMD3(160, 156, 150) : SIMD3(112.0, 112, 115)
    return Scenery.Spot(color: color * (1 + 0.07 * meadow.at(x, y)))
  }

  private func grow(
    _ tree: Tree, at x: Double, _ y: Double, dryness: Double, on spot: inout Scenery.Spot
  ) {
    let fine = meadow.at(2 * x, 2 * y)
    let radius = tree.radius * (1 + 0.2 * fine)
    let away = SIMD2(x - tree.x, y - tree.y)
    let square = (away * away).sum()
    guard square < radius * radius else { return }
    let color = tree.color * (1 - dryness) + SIMD3(112, 108, 62) * dryness
    // A flat dome: the slope of a sphere has no bound at its rim.
    spot = Scenery.Spot(
      color: color * (1 + 0.3 * fine),
      height: tree.radius + 5 - 0.5 * square / tree.radius, slope: away * (-0.9 / tree.radius))
  }
}
