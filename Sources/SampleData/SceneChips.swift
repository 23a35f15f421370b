import Foundation
import Rasters
import Synchronization

/// Small pictures of land around a region, each of which shows one kind of scene for the greater part.
struct SceneChips {
  /// A chip: what it shows, where it lies and its bands.
  struct Chip: Sendable {
    let kind: SceneKind
    let grid: Grid
    /// The pixels of the chip, `[6][side, side]`.
    let bands: [[UInt16]]
  }

  /// The side in pixels of 10 m.
  static let side = 64
  static let instrument = OpticalSensor.Instrument.sentinel2Chip
  /// The least share of a chip that its kind covers.
  private static let leastShare = 0.65

  let region: Region
  let season: Season
  let conditions: OpticalSensor.Conditions
  /// The number of chips of each kind.
  let count: Int

  /// A place of the land that a chip may be of.
  private struct Place {
    let landscape: Landscape
    let corner: (x: Int, y: Int)
    let kind: SceneKind

    /// Looks at every eighth pixel; nil where no kind covers enough.
    init?(_ landscape: Landscape, corner: (x: Int, y: Int)) {
      var shares = [LandCover: Double]()
      let step = 8
      let places = (0..<side).filter { $0 % step == step / 2 }
      for row in places {
        for column in places {
          let ground = landscape.ground(Double(corner.x + column), Double(corner.y + row))
          shares[ground.cover, default: 0] += 1 / Double(places.count * places.count)
        }
      }
      guard let kind = SceneKind.allCases.first(where: { shares[$0.cover, default: 0] >= leastShare }) else {
        return nil
      }
      (self.landscape, self.corner, self.kind) = (landscape, corner, kind)
    }
  }

  /// Returns the chips in the order of their places, which is none of their kinds.
  func chips() -> [Chip] {
    var left = Dictionary(uniqueKeysWithValues: SceneKind.allCases.map { ($0, count) })
    var places: [Place] = []
    // Of one square of land no more than a sixth of the chips of a kind.
    let most = (count + 5) / 6
    var number = 0
    while left.values.contains(where: { $0 > 0 }) {
      number += 1
      let landscape = Landscape(region.neighbour(number), season: season)
      var taken: [SceneKind: Int] = [:]
      for index in 0..<(Region.side / Self.side) * (Region.side / Self.side) {
        let corner = (
          x: index % (Region.side / Self.side) * Self.side, y: index / (Region.side / Self.side) * Self.side
        )
        guard let place = Place(landscape, corner: corner), left[place.kind]! > 0,
          taken[place.kind, default: 0] < most
        else { continue }
        left[place.kind]! -= 1
        taken[place.kind, default: 0] += 1
        places.append(place)
      }
    }
    let made = Mutex([Chip?](repeating: nil, count: places.count))
    let chosen = places
    DispatchQueue.concurrentPerform(iterations: chosen.count) { index in
      let chip = chip(of: chosen[index], seed: conditions.seed &+ 1000 &+ UInt64(index))
      made.withLock { $0[index] = chip }
    }
    return made.withLock { $0.compactMap(\.self) }
  }

  private func chip(of place: Place, seed: UInt64) -> Chip {
    let truth = GroundTruth(place.landscape, corner: place.corner, side: Self.side)
    let sensor = OpticalSensor(conditions: conditions.overChip(seed: seed), instrument: Self.instrument)
    let land = place.landscape.region.grid.transform!
    return Chip(
      kind: place.kind,
      grid: Grid(
        width: Self.side, height: Self.side,
        transform: GeoTransform(
          originX: land.originX + Double(10 * place.corner.x),
          originY: land.originY - Double(10 * place.corner.y),
          pixelSize: 10), crs: region.grid.crs),
      bands: sensor.picture(of: truth).bands)
  }
}
