/// The land of a region in one season: the class and the surface at every place.
struct Landscape {
  /// The class and the surface at a place.
  struct Ground {
    let cover: LandCover
    let surface: Surface
  }

  let region: Region
  let season: Season
  let changes: LandChanges
  private let relief: FractalNoise
  private let woods: FractalNoise
  private let stands: FractalNoise
  private let moisture: FractalNoise
  private let bareness: FractalNoise
  private let patches: FractalNoise
  private let canopy: FractalNoise

  init(_ region: Region, season: Season, changes: LandChanges = .none) {
    self.region = region
    self.season = season
    self.changes = changes
    let field = { (number: UInt64, wavelength: Double, octaves: Int) in
      FractalNoise(seed: region.seed &+ 1000 &* number, wavelength: wavelength, octaves: octaves)
    }
    relief = field(1, 150, 5)
    woods = field(2, 78, 4)
    stands = field(3, 40, 3)
    moisture = field(4, 60, 3)
    bareness = field(5, 46, 4)
    patches = field(6, 9, 3)
    canopy = field(7, 3.2, 2)
  }

  /// Returns the relative height, about -1 ... 1; valleys lie along the water.
  func height(_ x: Double, _ y: Double) -> Double {
    let toWater = max(0, min(region.waters.fromRiver(x, y), region.waters.fromLake(x, y, rise: 0)))
    return relief.at(x, y) * smoothStep(toWater, from: 0, to: 90) - 0.5
      * (1 - smoothStep(toWater, from: 0, to: 70))
  }

  /// Returns the class and the surface at a place in pixels of 10 m, counted from the region's north-western
  /// corner.
  func ground(_ x: Double, _ y: Double) -> Ground {
    let fromRiver = region.waters.fromRiver(x, y)
    let fromLake = region.waters.fromLake(x, y, rise: changes.lakeRise)
    let cover = cover(x, y, fromRiver: fromRiver, fromLake: fromLake)
    let surface: Surface =
      switch cover {
      case .water: water(x, y, inRiver: fromRiver < fromLake)
      case .trees: trees(x, y)
      case .cropland: cropland(x, y)
      case .builtUp: builtUp(x, y)
      case .bare: bare(x, y, byRiver: fromRiver < 4)
      case .wetland: wetland(x, y, fromWater: min(fromRiver, fromLake))
      }
    return Ground(cover: cover, surface: surface)
  }

  private func cover(_ x: Double, _ y: Double, fromRiver: Double, fromLake: Double) -> LandCover {
    let fromWater = min(fromRiver, fromLake)
    if fromWater < 0 { return .water }
    let open = bareness.at(x, y)
    if fromRiver < 2.6, open > 0.12 { return .bare }
    if changes.estate(x, y) != nil { return .builtUp }
    if region.towns.contains(where: { $0.outside(x, y) < 0 }) { return .builtUp }
    let wetness = 0.85 * smoothStep(fromWater, from: 30, to: 0) + 0.95 * moisture.at(x, y)
    if wetness > region.wetnessThreshold { return .wetland }
    let high = relief.at(x, y)
    if open + 0.25 * high > region.bareThreshold { return .bare }
    let wooded = woods.at(x, y) + 0.45 * high > region.woodsThreshold
    if wooded { return changes.isCleared(x, y) ? .bare : .trees }
    let parcel = region.parcels.at(x, y)
    let hasHedge = parcel.identity % 7 == 0 && parcel.edgeDistance < 0.75
    return hasHedge ? .trees : .cropland
  }

  private func water(_ x: Double, _ y: Double, inRiver: Bool) -> Surface {
    let turbidity = min(1, max(0, (inRiver ? 0.75 : 0.25) + 0.35 * stands.at(x, y)))
    return Surface.turbidWater.mixed(with: .clearWater, share: turbidity)
  }

  private func trees(_ x: Double, _ y: Double) -> Surface {
    let conifers = smoothStep(stands.at(x, y), from: -0.15, to: 0.15)
    let leaves = season.aged(.broadleaf, by: 0.6)
    let needles = season.aged(.conifer, by: 0.25)
    let stand = needles.mixed(with: leaves, share: conifers)
    // Crowns in the sun and the shade between them.
    return stand.brightened(by: 1 + 0.42 * canopy.at(x, y) + 0.20 * patches.at(x, y))
  }

  private func cropland(_ x: Double, _ y: Double) -> Surface {
    let parcel = region.parcels.at(x, y)
    let field = season.field(parcel.identity)
    let rows = (parcel.across / 1.15).truncatingRemainder(dividingBy: 2)
    let stripe = abs(rows) < 1 ? field.rowContrast : -field.rowContrast
    let growth = 1 + stripe + 0.16 * patches.at(x, y)
    if parcel.edgeDistance < 0.45 {
      return season.aged(.pasture, by: 0.8).mixed(with: field.surface, share: 0.6)
    }
    return field.surface.brightened(by: growth)
  }

  private func builtUp(_ x: Double, _ y: Double) -> Surface {
    let town =
      changes.estate(x, y) ?? region.towns.min { $0.outside(x, y) < $1.outside(x, y) }!
    let shade = 1 + 0.16 * canopy.at(x, y)
    return switch town.surface(x, y) {
    case .street: Surface.asphalt.brightened(by: shade)
    case .roof:
      Surface.tile.mixed(with: .slate, share: 0.5 + 0.5 * canopy.at(x / 2, y / 2)).brightened(by: shade)
    case .brightRoof: .metalRoof
    case .garden: season.aged(.garden, by: 0.5).brightened(by: shade)
    case .yard: Surface.yard.brightened(by: shade)
    }
  }

  private func bare(_ x: Double, _ y: Double, byRiver: Bool) -> Surface {
    let stones =
      byRiver ? Surface.gravel : Surface.rock.mixed(with: .lightSoil, share: 0.5 + 0.5 * stands.at(x, y))
    // Grass and shrubs hold on in places.
    let plants = smoothStep(patches.at(x, y), from: 0.15, to: 0.9) * 0.6
    return season.aged(.pasture, by: 1).mixed(with: stones, share: plants)
      .brightened(by: 1 + 0.14 * canopy.at(x, y))
  }

  private func wetland(_ x: Double, _ y: Double, fromWater: Double) -> Surface {
    let plants = season.aged(.reed, by: 0.6).mixed(
      with: season.aged(.sedge, by: 0.6), share: smoothStep(stands.at(x, y), from: -0.3, to: 0.3))
    let pools = 0.75 * smoothStep(patches.at(x, y) - 0.02 * fromWater, from: -0.1, to: 0.55)
    return Surface.turbidWater.mixed(with: plants, share: pools)
      .brightened(by: 1 + 0.12 * canopy.at(x, y))
  }
}
