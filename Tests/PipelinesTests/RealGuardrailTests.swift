import Foundation
import NumericOracles
import Numerics
import Rasters
import Tensors
import Testing

/// A real scene with itself on another grid, of which a rectangle changed: what is lost on the way is no
/// change.
@Suite(
  "A real scene compared with itself", .startsCommand, .serialized,
  .enabled(if: RealData.isPresent, "\(RealData.absence)"))
struct RealGuardrailTests {
  /// Where a pixel of the later date looks in the scene, in pixels of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Pixels of the scene in one of the later date.
    let pixelSize: Double
    /// Pixels that the ground lies too far down, and too far left.
    var shift = 0.0
  }

  static let cases = [
    Case(testDescription: "on the same grid", pixelSize: 1),
    Case(testDescription: "0.4 pixels away", pixelSize: 1, shift: 0.4),
    Case(testDescription: "in pixels of 20 m", pixelSize: 2.0 / 3),
    Case(testDescription: "in pixels of 60 m", pixelSize: 2),
  ]

  private static let changed = (rows: 150..<180, columns: 200..<240)

  @Test("All that changed is found and nothing else", arguments: cases)
  func guardrails(one: Case) throws {
    let site = try StagesSite()
    let scene = try RasterFile(path: RealData.path("change-taizhou/t1.tif"))
    let bands: [[Float]] = try (1...6).map { try scene.readValues(scene.grid.bounds, band: $0) }
    let (width, height) = (scene.grid.width, scene.grid.height)
    let transform = try #require(scene.grid.transform)
    let grid = Grid(
      width: Int(Double(width) / one.pixelSize), height: Int(Double(height) / one.pixelSize),
      transform: GeoTransform(
        originX: transform.originX, originY: transform.originY, pixelSize: 30 * one.pixelSize),
      crs: scene.grid.crs)
    let writer = try RasterWriter(
      path: site.url("after.tif").path, grid: grid,
      options: .init(type: .float32, bandNames: (1...6).map { "b\($0)" }))
    var random = RandomSource(seed: 1, stream: one.testDescription)
    let (rows, columns) = Self.changed
    for band in 0..<6 {
      /// The later date on the scene's grid.
      func value(_ row: Int, _ column: Int) -> Double {
        let (row, column) = (min(max(row, 0), height - 1), min(max(column, 0), width - 1))
        let isChanged = rows.contains(row) && columns.contains(column)
        let value = 1.15 * Double(bands[isChanged ? 5 - band : band][row * width + column]) + 6
        return isChanged ? 1.4 * value + 20 : value
      }
      func interpolated(_ down: Double, _ right: Double) -> Double {
        let (row, column) = (Int(down.rounded(.down)), Int(right.rounded(.down)))
        let (below, beside) = (down - Double(row), right - Double(column))
        let upper = (1 - beside) * value(row, column) + beside * value(row, column + 1)
        let lower = (1 - beside) * value(row + 1, column) + beside * value(row + 1, column + 1)
        return (1 - below) * upper + below * lower
      }
      // A larger pixel's middle is a corner of the scene's: its value is the mean of the four around.
      let values = (0..<grid.width * grid.height).map { place -> Float in
        let down = (Double(place / grid.width) + 0.5) * one.pixelSize - 0.5 - one.shift
        let right = (Double(place % grid.width) + 0.5) * one.pixelSize - 0.5 + one.shift
        return Float(interpolated(down, right) + 0.7 * random.normal())
      }
      try writer.write(grid.bounds, band: band + 1, values)
    }
    try writer.close()
    try Data(
      """
      name: pair
      sensor: custom
      bands: [b1, b2, b3, b4, b5, b6]
      band-order: [b1, b2, b3, b4, b5, b6]
      data: {pairs: [{before: \(scene.path), after: after.tif}]}
      stages: [change-detection: {method: ir-mad, align: \(one.shift > 0)}, geotiff: {}]
      """.utf8
    ).write(to: site.url("pair.yaml"))
    let run = try site.run("pair.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let folder = try #require(try site.subjects(of: "pair").first)
    let mask = try site.pixels("output/pair/products/\(folder)/change.tif")
    var (hits, near, far) = (0, 0, 0)
    // Resampling and the windows of 3 x 3 pixels blur the border.
    let margin = 4
    for (index, value) in mask.enumerated() where value == 1 {
      let (row, column) = (index / width, index % width)
      if rows.contains(row) && columns.contains(column) {
        hits += 1
      } else if (rows.lowerBound - margin..<rows.upperBound + margin).contains(row)
        && (columns.lowerBound - margin..<columns.upperBound + margin).contains(column)
      {
        near += 1
      } else {
        far += 1
      }
    }
    #expect(hits == rows.count * columns.count && far == 0, "\(hits) found, \(near) near, \(far) far")
  }
}
