import Rasters

/// One of the two regions: where it lies and what shapes its land.
struct Region {
  /// The side in pixels of 10 m.
  static let side = 384

  let name: String
  let seed: UInt64
  let grid: Grid
  let waters: Waters
  let towns: [Town]
  let parcels: Parcels
  /// Woods stand where their field exceeds this.
  let woodsThreshold: Double
  /// Wetland reaches from the water to where wetness falls below this.
  let wetnessThreshold: Double
  /// Rock and gravel lie open where their field exceeds this.
  let bareThreshold: Double

  /// Returns region A, rolling country with much wood, a river from west to east and a small lake: UTM zone
  /// 32.
  static func a(seed: UInt64) throws -> Region {
    let seed = SeededNumbers.mixed(seed &+ 0xA)
    return Region(
      name: "region-a", seed: seed, grid: try grid(epsg: 32632, east: 612_340, north: 5_318_760),
      waters: Waters(seed: seed, isNorthSouth: false, course: 214, lake: (88, 286, 26)),
      towns: [
        Town(centre: (262, 142), radius: 46, direction: (0.94, 0.34), seed: seed &+ 1),
        Town(centre: (74, 92), radius: 19, direction: (0.80, -0.60), seed: seed &+ 2),
        Town(centre: (318, 318), radius: 22, direction: (0.60, 0.80), seed: seed &+ 3),
      ],
      parcels: Parcels(seed: seed, direction: (0.88, 0.47), stripWidth: 17, length: 36),
      woodsThreshold: 0.10, wetnessThreshold: 0.62, bareThreshold: 0.50)
  }

  /// Returns region B, open farmland with a larger lake, wide wetlands and less wood, a river from north to
  /// south: UTM zone 33.
  static func b(seed: UInt64) throws -> Region {
    let seed = SeededNumbers.mixed(seed &+ 0xB)
    return Region(
      name: "region-b", seed: seed, grid: try grid(epsg: 32633, east: 388_120, north: 5_423_480),
      waters: Waters(seed: seed, isNorthSouth: true, course: 236, lake: (118, 124, 40)),
      towns: [
        Town(centre: (300, 252), radius: 34, direction: (0.97, -0.24), seed: seed &+ 1),
        Town(centre: (98, 300), radius: 24, direction: (0.71, 0.71), seed: seed &+ 2),
      ],
      parcels: Parcels(seed: seed, direction: (0.34, 0.94), stripWidth: 23, length: 46),
      woodsThreshold: 0.22, wetnessThreshold: 0.52, bareThreshold: 0.46)
  }

  /// Returns land like this region's around it, with a larger lake and larger towns, so that all kinds of
  /// scenes are found there.
  ///
  /// - Parameter number: which of the squares of land to the east, from 1.
  func neighbour(_ number: Int) -> Region {
    let seed = SeededNumbers.mixed(seed &+ UInt64(number) &* 0x5CE)
    var random = SeededNumbers(seed: seed)
    func place(_ low: Double, _ high: Double) -> Double { low + (high - low) * random.uniform() }
    let east = Double(Self.side * number) * 10
    let transform = grid.transform!
    return Region(
      name: name, seed: seed,
      grid: Grid(
        width: Self.side, height: Self.side,
        transform: GeoTransform(
          originX: transform.originX + east, originY: transform.originY, pixelSize: 10), crs: grid.crs),
      waters: Waters(
        seed: seed, isNorthSouth: number % 2 == 0, course: 192,
        lake: (place(80, 300), place(80, 300), place(75, 100))),
      towns: [
        Town(centre: (place(60, 130), place(60, 320)), radius: 68, direction: (0.94, 0.34), seed: seed &+ 1),
        Town(centre: (place(250, 320), place(60, 320)), radius: 68, direction: (0.60, 0.80), seed: seed &+ 2),
      ],
      parcels: Parcels(seed: seed, direction: (0.88, 0.47), stripWidth: 17, length: 36),
      woodsThreshold: woodsThreshold, wetnessThreshold: wetnessThreshold, bareThreshold: bareThreshold)
  }

  private static func grid(epsg: Int, east: Double, north: Double) throws -> Grid {
    Grid(
      width: side, height: side, transform: GeoTransform(originX: east, originY: north, pixelSize: 10),
      crs: try .epsg(epsg))
  }

  /// Returns the region in pixels that are `step` times as wide.
  func grid(step: Int) -> Grid {
    guard step > 1, let transform = grid.transform else { return grid }
    return Grid(
      width: grid.width / step, height: grid.height / step,
      transform: GeoTransform(
        originX: transform.originX, originY: transform.originY, pixelSize: Double(10 * step)), crs: grid.crs)
  }
}
