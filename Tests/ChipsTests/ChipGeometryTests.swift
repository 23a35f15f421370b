import Chips
import Classes
import Foundation
import NumericOracles
import Numerics
import Rasters
import Tensors
import Testing

private typealias Place = (row: Double, column: Double)

/// The affine map that a chip of a ramp shows: band 0 is the row, band 1 the column, and bilinear values of a
/// ramp are the place itself.
private struct ShownMap {
  let origin, downwards, rightwards: Place

  /// Nil where nothing of the chip lies well within the region.
  init?(_ values: ArraySlice<Float>, size: Int, extent: Int) {
    let values = Array(values)
    func place(_ pixel: Int) -> Place { (Double(values[pixel]), Double(values[size * size + pixel])) }
    func isWithin(_ place: Place) -> Bool {
      let range = 1.0...Double(extent - 2)
      return range.contains(place.row) && range.contains(place.column)
    }
    let middle = (size / 2) * size + size / 2
    let (here, beside, below) = (place(middle), place(middle + 1), place(middle + size))
    guard isWithin(here), isWithin(beside), isWithin(below) else { return nil }
    rightwards = (beside.row - here.row, beside.column - here.column)
    downwards = (below.row - here.row, below.column - here.column)
    let half = Double(size / 2)
    origin = (
      here.row - half * (downwards.row + rightwards.row),
      here.column - half * (downwards.column + rightwards.column)
    )
  }

  func source(_ row: Int, _ column: Int) -> Place {
    (
      origin.row + Double(row) * downwards.row + Double(column) * rightwards.row,
      origin.column + Double(row) * downwards.column + Double(column) * rightwards.column
    )
  }

  var zoom: Double { 1 / hypot(rightwards.row, rightwards.column) }
  var degrees: Double { atan2(rightwards.row, rightwards.column) * 180 / .pi }
}

@Suite("The geometry of chips")
struct ChipGeometryTests {
  private let ramp = paintedRegion(128, 128, bands: 2, label: { row, _ in UInt8(row % 7) }) {
    band, row, column in Float(band == 0 ? row : column)
  }
  private let plain = normalization([.plain(), .plain()])

  private func batch(
    _ region: LabelledRegion, _ augmentation: Augmentation, size: Int = 32, seed: UInt64, count: Int = 1
  ) -> ChipBatch {
    let chips = ChipSet([region], normalization: plain, size: size, stride: size)
    var random = RandomSource(seed: seed, stream: "geometry")
    return chips.batch(
      (0..<count).map { _ in random.index(below: chips.chips.count) }, augmentation: augmentation,
      random: &random)
  }

  @Test("Without angle and zoom, pixels come from where the symmetry says, exactly", arguments: 0..<8)
  func identity(number: Int) {
    let symmetry = SquareSymmetry(number: number)
    for size in [1, 2, 7, 32] {
      let geometry = ChipGeometry(symmetry: symmetry, angle: 0, zoom: 1, size: size)
      #expect(geometry.isSymmetry)
      for pixel in 0..<size * size {
        let exact = symmetry.source(row: pixel / size, column: pixel % size, size: size)
        let found = geometry.source(row: pixel / size, column: pixel % size)
        #expect(found == (Double(exact.row), Double(exact.column)))
      }
    }
  }

  @Test("Right angles are the turns among the eight symmetries", arguments: [8, 13])
  func rightAngles(size: Int) {
    func places(_ number: Int, _ angle: Double) -> [Int] {
      let geometry = ChipGeometry(
        symmetry: SquareSymmetry(number: number), angle: angle, zoom: 1, size: size)
      #expect(geometry.isSymmetry == (angle == 0))
      return (0..<size * size).map { pixel in
        let place = geometry.source(row: pixel / size, column: pixel % size)
        #expect(abs(place.row - place.row.rounded()) < 1e-9)
        #expect(abs(place.column - place.column.rounded()) < 1e-9)
        return Int(place.row.rounded()) * size + Int(place.column.rounded())
      }
    }
    let symmetries = (0..<8).map { places($0, 0) }
    for number in 0..<8 {
      let turns = [0.0, 90, 180, 270].map { places(number, $0) }
      #expect(Set(turns).count == 4 && Set(turns).isSubset(of: Set(symmetries)))
      // Two quarters are a half.
      #expect(turns[2] == symmetries[number].reversed())
    }
  }

  @Test("A rotation by next to nothing gives the chip as it is, up to rounding", arguments: 0..<4)
  func nextToNothing(seed: UInt64) {
    let exact = batch(ramp, .only { $0.flips = true }, seed: seed, count: 4)
    let turned = batch(
      ramp,
      .only {
        $0.flips = true
        $0.rotation = 1e-9
      }, seed: seed, count: 4)
    #expect(scaledDifference(turned.input.values, exact.input.values) < 1e-6)
    #expect(turned.targets == exact.targets)
  }

  private let turnedAndScaled = Augmentation.only {
    $0.rotation = 25
    $0.scale = 1.5
  }

  @Test("A chip is turned and scaled as a whole, within the limits and up to them")
  func limits() throws {
    var (angles, zooms): ([Double], [Double]) = ([], [])
    for seed in 0..<60 as Range<UInt64> {
      let values = batch(ramp, turnedAndScaled, seed: seed).input.values
      let map = try #require(ShownMap(values[...], size: 32, extent: 128))
      // Right angles stay right, and both sides are scaled alike.
      #expect(abs(map.downwards.row - map.rightwards.column) < 1e-3)
      #expect(abs(map.downwards.column + map.rightwards.row) < 1e-3)
      angles.append(map.degrees)
      zooms.append(map.zoom)
    }
    #expect(angles.min()! < -20 && angles.max()! > 20 && angles.allSatisfy { abs($0) < 25.01 })
    #expect(zooms.min()! < 0.72 && zooms.max()! > 1.4)
    #expect(zooms.allSatisfy { $0 > 1 / 1.501 && $0 < 1.501 })
    // Log-uniform: as many larger as smaller.
    let larger = Double(zooms.filter { $0 > 1 }.count)
    #expect(abs(larger - 30) < 4 * 15.0.squareRoot())
  }

  @Test("The angle does not depend on whether chips are scaled too", arguments: 0..<10)
  func independent(seed: UInt64) throws {
    let turned = batch(ramp, .only { $0.rotation = 25 }, seed: seed).input.values
    let both = batch(ramp, turnedAndScaled, seed: seed).input.values
    let first = try #require(ShownMap(turned[...], size: 32, extent: 128))
    let second = try #require(ShownMap(both[...], size: 32, extent: 128))
    #expect(abs(first.degrees - second.degrees) < 1e-2 && abs(first.zoom - 1) < 1e-4)
    #expect(abs(second.zoom - 1) > 1e-4)
  }

  @Test(
    "What lies beyond the region is mirrored and unlabelled, label and pixel are the nearest's",
    arguments: 0..<12)
  func beyond(seed: UInt64) throws {
    let extent = 32
    let region = paintedRegion(extent, extent, bands: 2, label: { UInt8(($0 * 5 + $1) % 200) }) {
      band, row, column in Float(band == 0 ? row : column)
    }
    let cut = batch(
      region,
      .only {
        $0.flips = true
        $0.rotation = 180
        $0.scale = 2
      }, seed: seed)
    let values = cut.input.values
    let map = try #require(ShownMap(values[...], size: 32, extent: extent))
    let end = Double(extent - 1)
    func mirrored(_ place: Double) -> Double {
      let rest = abs(place).truncatingRemainder(dividingBy: 2 * end)
      return rest <= end ? rest : 2 * end - rest
    }
    var isBeyond = 0
    for pixel in 0..<1024 {
      let place = map.source(pixel / 32, pixel % 32)
      #expect(abs(Double(values[pixel]) - mirrored(place.row)) < 2e-2)
      #expect(abs(Double(values[1024 + pixel]) - mirrored(place.column)) < 2e-2)
      let (row, column) = (place.row.rounded(), place.column.rounded())
      // Whether a pixel half way between two takes one or the other is a matter of rounding.
      guard abs(abs(place.row - row) - 0.5) > 0.02, abs(abs(place.column - column) - 0.5) > 0.02 else {
        continue
      }
      if (0...end).contains(row) && (0...end).contains(column) {
        #expect(cut.targets[pixel] == UInt8((Int(row) * 5 + Int(column)) % 200))
      } else {
        #expect(cut.targets[pixel] == ClassIndex.none)
        isBeyond += 1
      }
    }
    #expect(map.zoom > 0.9 || isBeyond > 0)
  }

  @Test(
    "Labels follow the pixels: away from edges the band that is 1 is that of the label", arguments: 0..<10)
  func labels(seed: UInt64) {
    func label(_ row: Int, _ column: Int) -> UInt8 { UInt8((row / 17 * 3 + column / 23) % 4) }
    let region = paintedRegion(150, 140, bands: 4, label: label) { band, row, column in
      band == Int(label(row, column)) ? 1 : 0
    }
    let chips = ChipSet(
      [region], normalization: normalization(Array(repeating: .plain(), count: 4)), size: 48, stride: 24)
    var random = RandomSource(seed: seed, stream: "labels")
    let batch = chips.batch(
      (0..<8).map { _ in random.index(below: chips.chips.count) },
      augmentation: .only {
        $0.flips = true
        $0.rotation = 180
        $0.scale = 2
      }, random: &random)
    let (values, plane) = (batch.input.values, 48 * 48)
    var held = 0
    for pixel in 0..<8 * plane where batch.targets[pixel] != ClassIndex.none {
      let bands = (0..<4).map { values[(pixel / plane * 4 + $0) * plane + pixel % plane] }
      guard let shown = bands.firstIndex(where: { $0 > 0.999 }) else { continue }
      #expect(shown == Int(batch.targets[pixel]))
      held += 1
    }
    #expect(held > 4 * plane)
  }

  @Test("Pixels without data lend nothing to their neighbours and stay 0 and unlabelled", arguments: 0..<6)
  func noData(seed: UInt64) {
    let noise = HashedValues("holes \(seed)")
    let region = paintedRegion(
      90, 90, bands: 2, isValid: { noise.uniform($0 * 90 + $1) > -0.4 }, label: { _, _ in 3 }
    ) { band, _, _ in Float(7 + band) }
    let cut = batch(
      region,
      .only {
        $0.flips = true
        $0.rotation = 90
        $0.scale = 1.3
      }, seed: seed, count: 4)
    let values = cut.input.values
    var (empty, seen) = (0, 0)
    for pixel in 0..<4 * 1024 {
      let first = pixel / 1024 * 2048 + pixel % 1024
      if values[first] == 0 {
        #expect(values[first + 1024] == 0 && cut.targets[pixel] == ClassIndex.none)
        empty += 1
      } else {
        #expect(abs(values[first] - 7) < 1e-5 && abs(values[first + 1024] - 8) < 1e-5)
        seen += 1
      }
    }
    // 30 % of the pixels are holes, as they were: none is filled, none grows.
    #expect(abs(Double(empty) / Double(empty + seen) - 0.3) < 0.05)
  }
}
