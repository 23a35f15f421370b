import CGDAL
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Ground on the globe: across 180 degrees, over the poles, along curved edges.
@Suite("Footprints")
struct FootprintTests {
  init() { GDALLibrary.start() }

  private func grid(
    _ epsg: Int, _ x: Double, _ y: Double, pixel: Double, _ width: Int = 48, _ height: Int = 40
  ) throws -> Grid {
    Grid(
      width: width, height: height, transform: GeoTransform(originX: x, originY: y, pixelSize: pixel),
      crs: try .epsg(epsg))
  }

  /// A longitude on the equator in UTM zone 60, which ends at 180 degrees.
  private let edge = 833_978.55

  @Test("a small scene is a ring of its corners, counter-clockwise")
  func plain() throws {
    let footprint = try #require(try grid(32632, 600_000, 5_200_000, pixel: 10).footprint)
    #expect(footprint.polygons.count == 1 && footprint.polygons[0].count == 5)
    #expect(footprint.west < footprint.east && footprint.south < footprint.north)
    let ring = footprint.polygons[0]
    #expect(ring.first == ring.last)
    let area = zip(ring, ring.dropFirst()).reduce(0.0) {
      $0 + $1.0.longitude * $1.1.latitude - $1.1.longitude * $1.0.latitude
    }
    #expect(area > 0)
  }

  @Test(
    "ground across 180 degrees has a box from west to east and a polygon on either side",
    arguments: [32660, 4326, 3832])
  func antimeridian(epsg: Int) throws {
    let place: Grid =
      switch epsg {
      case 32660: try grid(epsg, edge - 240, 100_000, pixel: 10)
      case 4326: try grid(epsg, 179.998, 0.9, pixel: 1e-4)
      default: try grid(epsg, 30 * 111_319.49 - 240, 100_000, pixel: 10)
      }
    let footprint = try #require(place.footprint)
    #expect(footprint.west > 179.9 && footprint.east < -179.9)
    #expect(footprint.polygons.count == 2)
    #expect(footprint.polygons[0].allSatisfy { $0.longitude > 179.9 && $0.longitude <= 180 })
    #expect(footprint.polygons[1].allSatisfy { $0.longitude < -179.9 && $0.longitude >= -180 })
    #expect(footprint.polygons.allSatisfy { $0.filter { abs($0.longitude) == 180 }.count >= 2 })
  }

  @Test("a scene that ends at 180 degrees is not across it")
  func atTheEdge() throws {
    for west in [179.0, -180] {
      let footprint = try #require(try grid(4326, west, 1, pixel: 0.01, 100, 100).footprint)
      #expect(footprint.polygons.count == 1)
      #expect(abs(footprint.west - west) < 1e-9 && abs(footprint.east - west - 1) < 1e-9)
    }
  }

  @Test("longitudes of any turn are one place", arguments: [-360.0, 0, 360])
  func turns(turn: Double) throws {
    let plain = try grid(4326, 10, 50, pixel: 0.01)
    let turned = try grid(4326, 10 + turn, 50, pixel: 0.01)
    #expect(abs(try #require(turned.commonGround(with: plain)) - 1) < 1e-6)
  }

  @Test(
    "a pole within is all longitudes up to it",
    arguments: [(3031, -90.0), (3413, 90), (5041, 90), (3976, -90)])
  func poles(epsg: Int, pole: Double) throws {
    let centre = epsg == 5041 ? 2_000_000.0 : 0
    let footprint = try #require(
      try grid(epsg, centre - 240, centre + 200, pixel: 10).footprint)
    #expect(footprint.west == -180 && footprint.east == 180)
    #expect(pole < 0 ? footprint.south == -90 : footprint.north == 90)
    #expect(footprint.north - footprint.south > 0.001)
    let ring = footprint.polygons[0]
    #expect(footprint.polygons.count == 1 && ring.contains { $0.latitude == pole })
    // A ring over the globe from edge to edge, without a jump.
    #expect(
      zip(ring, ring.dropFirst()).allSatisfy { abs($0.longitude - $1.longitude) < 60 || $0.latitude == pole })
  }

  @Test("edges that are curved in degrees have places between their corners")
  func curved() throws {
    let footprint = try #require(try grid(3035, 3_000_000, 4_500_000, pixel: 500, 2000, 2000).footprint)
    #expect(footprint.polygons[0].count > 20)
    // The northern edge bulges beyond the corners.
    let corners = try #require(try grid(3035, 3_000_000, 4_500_000, pixel: 1_000_000, 1, 1).footprint)
    #expect(footprint.north >= corners.north)
  }

  @Test("the whole globe is a box", arguments: [-180.0, 0])
  func globe(west: Double) throws {
    let footprint = try #require(try grid(4326, west, 90, pixel: 1, 360, 180).footprint)
    #expect(footprint.box == [-180, -90, 180, 90])
    #expect(footprint.polygons.count == 1)
  }

  @Test("dates are paired across 180 degrees, and not with what lies elsewhere")
  func pairing() throws {
    let pacific = try grid(32660, edge - 240, 100_000, pixel: 10)
    let fromTheOtherSide = try grid(32601, 166_021.44 - 240, 100_000, pixel: 10)
    let africa = try grid(32634, 400_000, 100_000, pixel: 10)
    #expect(pacific.commonGround(with: pacific) == 1)
    #expect(pacific.commonGround(with: africa) == 0)
    #expect(try #require(pacific.commonGround(with: fromTheOtherSide)) > 0.8)
    let half = try grid(32660, edge, 100_000, pixel: 10)
    #expect(abs(try #require(pacific.commonGround(with: half)) - 0.5) < 0.02)
  }

  @Test("a scene in degrees of another turn is brought to a grid across 180 degrees")
  func resampling() throws {
    let scratch = Scratch()
    let degrees = try grid(4326, 179.99, 0.91, pixel: 1e-4, 200, 200)
    let path = try scratch.raster(
      "a.tif", grid: degrees, bands: [[UInt8](repeating: 7, count: 200 * 200)],
      options: .init(type: .byte, bandNames: ["a"]))
    let scene = try Scene(SceneSource(path: path), sensor: .custom(bands: ["a"]), bands: ["a"])
    let pacific = try grid(32660, edge - 240, 100_000, pixel: 10)
    let block = try ResampledScene(scene, on: pacific, kernel: .bilinear).read(pacific.bounds)
    #expect(block.valid.allSatisfy { $0 } && block.values.allSatisfy { $0 == 7 })
  }
}
