// The places of streets, plots, houses, trees and vehicles of the town.
extension DamagedTown {
  /// Returns the pixels from the first crossing to the nearest corner, along and across the streets, of every
  /// plot near the pictures.
  private static func plots(in frame: TurnedRectangle) -> [(along: Double, across: Double)] {
    let reach = Double(Scenery.margin) + 20
    var corners: [(along: Double, across: Double)] = []
    for column in -4 * block.columns..<4 * block.columns {
      for row in -6 * block.rows..<6 * block.rows {
        let streets = (
          (Double(column) / Double(block.columns)).rounded(.down) + 1,
          (Double(row) / Double(block.rows)).rounded(.down) + 1
        )
        let along = Double(column) * plot.width + streets.0 * street
        let across = Double(row) * plot.depth + streets.1 * street
        let middle = frame.place(along: along + plot.width / 2, across: across + plot.depth / 2)
        let isNear =
          middle.x > -reach && middle.x < Double(2 * side) + reach && middle.y > -reach
          && middle.y < Double(side) + reach
        if isNear { corners.append((along, across)) }
      }
    }
    return corners
  }

  /// Lays out houses of 8 x 12 m to 12 x 16 m, one to a plot; one plot in thirty stays empty.
  static func footprints(in frame: TurnedRectangle, seed: UInt64) -> [TurnedRectangle] {
    var random = SeededNumbers(seed: seed)
    return plots(in: frame).compactMap { corner in
      let (short, long) = (16 + 8 * random.uniform(), 24 + 8 * random.uniform())
      let isAlong = random.uniform() < 0.6
      let (width, depth) = isAlong ? (long, short) : (short, long)
      // Room for the shade of the eaves and for rubble.
      let room = (plot.width - 6 - width, plot.depth - 7 - depth)
      let middle = frame.place(
        along: corner.along + 3 + width / 2 + room.0 * random.uniform(),
        across: corner.across + 4 + depth / 2 + room.1 * random.uniform())
      let turn = 0.06 * (random.uniform() - 0.5)
      let (cosine, sine) = ((1 - turn * turn).squareRoot(), turn)
      let (c, s) = frame.direction
      let along = (cosine: c * cosine - s * sine, sine: s * cosine + c * sine)
      guard random.uniform() > 1.0 / 30 else { return nil }
      return TurnedRectangle(
        x: middle.x, y: middle.y, halfWidth: long / 2, halfHeight: short / 2,
        direction: isAlong ? along : (-along.sine, along.cosine))
    }
  }

  /// Deals the levels by rank, so that each quarter gets its share of every level whatever the seed. Chance
  /// decides most of the rank, the way to the place above the fault the rest.
  static func levels(of footprints: [TurnedRectangle], seed: UInt64) -> [DamageLevel] {
    var random = SeededNumbers(seed: seed)
    let fault = (x: Double(side) * (0.6 + 0.8 * random.uniform()), y: Double(side) * random.uniform())
    let severities = footprints.map { footprint in
      let (dx, dy) = (footprint.x - fault.x, footprint.y - fault.y)
      let closeness = 1 - (dx * dx + dy * dy).squareRoot() / Double(side)
      return random.uniform() + 0.5 * closeness
    }
    var levels = [DamageLevel](repeating: .none, count: footprints.count)
    let groups = Dictionary(grouping: footprints.indices) { quarter(of: footprints[$0]) }
    for members in groups.values {
      let ranked = members.sorted { severities[$0] > severities[$1] }
      for (rank, house) in ranked.enumerated() {
        var left = (Double(rank) + 0.5) / Double(ranked.count)
        levels[house] =
          shares.first { level in
            left -= level.share
            return left < 0
          }!.level
      }
    }
    return levels
  }

  /// Returns the quarter that shows a house, nil where none shows its middle.
  private static func quarter(of footprint: TurnedRectangle) -> Quarter? {
    guard footprint.y > 4, footprint.y < Double(side - 4) else { return nil }
    return Quarter.allCases.first { quarter in
      let inward = footprint.x - Double(quarter.left)
      return inward > 4 && inward < Double(side - 4)
    }
  }

  /// Plants up to four trees a plot, whose crowns reach a little over roofs and fences.
  static func trees(
    in frame: TurnedRectangle, around footprints: [TurnedRectangle], seed: UInt64
  ) -> [Tree] {
    var random = SeededNumbers(seed: seed)
    var trees: [Tree] = []
    for corner in plots(in: frame) {
      for _ in 0..<4 {
        let radius = 3.5 + 4.5 * random.uniform()
        let place = frame.place(
          along: corner.along + plot.width * random.uniform(),
          across: corner.across + plot.depth * random.uniform())
        let tone = 0.8 + 0.4 * random.uniform()
        let isFree =
          footprints.allSatisfy { !$0.contains(place.x, place.y, margin: 0.7 * radius) }
          && trees.allSatisfy { abs($0.x - place.x) + abs($0.y - place.y) > radius + $0.radius }
        if isFree {
          trees.append(
            Tree(x: place.x, y: place.y, radius: radius, color: SIMD3(66, 90, 48) * tone))
        }
      }
    }
    return trees
  }
}

extension DamagedTown {
  /// A parked car or a container.
  struct Vehicle {
    let place: TurnedRectangle
    let color: SIMD3<Double>
    let height: Double
  }

  private static let paints: [SIMD3<Double>] = [
    SIMD3(214, 214, 212), SIMD3(52, 54, 58), SIMD3(148, 150, 154), SIMD3(160, 52, 46), SIMD3(60, 96, 160),
  ]

  /// Parks vehicles at the kerbs: of the places of 7 m, one in twelve is taken on both dates and one in eight
  /// on either.
  func vehicles(after isAfter: Bool) -> [Vehicle] {
    let length = 14.0
    let (width, depth) = Self.blockSize
    var vehicles: [Vehicle] = []
    for street in -8..<8 {
      for slot in -40..<40 {
        for isAcross in [false, true] {
          let draw = { (kind: UInt64) in
            SeededNumbers.hashed(street, slot, seed: seed &+ 100 &+ 10 &* kind &+ (isAcross ? 1 : 0))
          }
          let stays = draw(1) < 1.0 / 12
          guard stays || draw(isAfter ? 3 : 2) < 1.0 / 8 else { continue }
          let kind: UInt64 = stays ? 4 : isAfter ? 6 : 5
          let isContainer = draw(kind) < 0.25
          let kerb = draw(kind + 10) < 0.5 ? 3.8 : Self.street - 3.8
          let along = (Double(slot) + 0.5) * length
          let start = Double(street) * (isAcross ? width : depth) + kerb
          let middle =
            isAcross ? frame.place(along: start, across: along) : frame.place(along: along, across: start)
          let (c, s) = frame.direction
          vehicles.append(
            Vehicle(
              place: TurnedRectangle(
                x: middle.x, y: middle.y, halfWidth: isContainer ? 6 : 4.4,
                halfHeight: isContainer ? 2.5 : 1.9,
                direction: isAcross ? (-s, c) : (c, s)),
              color: Self.paints[Int(draw(kind + 20) * Double(Self.paints.count))],
              height: isContainer ? 5 : 2.5))
        }
      }
    }
    return vehicles
  }
}
