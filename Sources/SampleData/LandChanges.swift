/// The changes that people and water make from one year to the next.
struct LandChanges {
  /// Pixels by which the lake's shore moves outwards.
  let lakeRise: Double
  /// Woods that are cut.
  let clearings: [TurnedRectangle]
  /// Fields that are built over.
  let estates: [(site: TurnedRectangle, town: Town)]

  static let none = LandChanges(lakeRise: 0, clearings: [], estates: [])

  func isCleared(_ x: Double, _ y: Double) -> Bool { clearings.contains { $0.contains(x, y) } }

  /// Returns the new settlement at a place.
  func estate(_ x: Double, _ y: Double) -> Town? { estates.first { $0.site.contains(x, y) }?.town }

  /// Chooses sites that lie in wood and in farmland, by trying places in the seed's order.
  init(in landscape: Landscape, seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    var taken: [TurnedRectangle] = []
    let clearings = [(16.0, 11.0), (13.0, 9.0), (10.0, 8.0)].map { size in
      Self.site(of: .trees, size: size, in: landscape, apartFrom: &taken, &random)
    }
    let estates = [(15.0, 11.0), (11.0, 9.0)].map { size -> (TurnedRectangle, Town) in
      let site = Self.site(of: .cropland, size: size, in: landscape, apartFrom: &taken, &random)
      let town = Town(
        centre: (site.x, site.y), radius: 3 * size.0,
        direction: (site.direction.cosine, site.direction.sine), seed: random.next())
      return (site, town)
    }
    self.init(lakeRise: 6.5, clearings: clearings, estates: estates.map { (site: $0.0, town: $0.1) })
  }

  private init(lakeRise: Double, clearings: [TurnedRectangle], estates: [(site: TurnedRectangle, town: Town)])
  {
    self.lakeRise = lakeRise
    self.clearings = clearings
    self.estates = estates
  }

  /// Returns the best of 400 places: the one with most of its area under the wanted cover, well inside the
  /// region and away from the sites that are taken.
  private static func site(
    of cover: LandCover, size: (Double, Double), in landscape: Landscape,
    apartFrom taken: inout [TurnedRectangle],
    _ random: inout SeededNumbers
  ) -> TurnedRectangle {
    var best: (site: TurnedRectangle, share: Double)?
    for _ in 0..<400 {
      let side = Double(Region.side)
      let turn = 0.4 * random.uniform()
      let site = TurnedRectangle(
        x: 60 + (side - 120) * random.uniform(), y: 60 + (side - 120) * random.uniform(), halfWidth: size.0,
        halfHeight: size.1, direction: ((1 - turn * turn).squareRoot(), turn))
      let isFree = taken.allSatisfy { abs($0.x - site.x) + abs($0.y - site.y) > 60 }
      guard isFree else { continue }
      let share = share(of: cover, on: site, in: landscape)
      if share > best?.share ?? -1 { best = (site, share) }
      if share > 0.97 { break }
    }
    taken.append(best!.site)
    return best!.site
  }

  private static func share(of cover: LandCover, on site: TurnedRectangle, in landscape: Landscape) -> Double
  {
    var hits = 0
    for row in -3...3 {
      for column in -3...3 {
        let (a, b) = (Double(column) / 3 * site.halfWidth, Double(row) / 3 * site.halfHeight)
        let x = site.x + a * site.direction.cosine - b * site.direction.sine
        let y = site.y + a * site.direction.sine + b * site.direction.cosine
        if landscape.ground(x, y).cover == cover { hits += 1 }
      }
    }
    return Double(hits) / 49
  }
}
