import CGDAL
import Foundation
import Rasters
import TestRasters
import Testing

/// Systems and positions that products must have as scenes have them.
@Suite("Products keep the grid")
struct ProductGridTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  private func write(_ grid: Grid) throws -> [Grid] {
    let path = try scratch.raster(
      "a.tif", grid: grid, bands: [[UInt8](repeating: 1, count: grid.bounds.pixelCount)],
      options: .init(type: .byte, bandNames: ["a"]))
    try CloudOptimizedGeoTIFF.write(source: path, to: scratch.file("cog.tif"), overviews: .mode)
    return try ["a.tif", "cog.tif"].map { try RasterFile(path: scratch.file($0)).grid }
  }

  static let systems = [
    "EPSG:32636", "EPSG:4326", "EPSG:3857", "EPSG:31467", "EPSG:27700", "EPSG:2056", "EPSG:5514", "EPSG:4979",
    "EPSG:5972", "EPSG:32632+5773", "EPSG:3031", "ESRI:54030", "ESRI:54009",
    // What the well-known text of 2001 cannot express.
    "EPSG:8857", "EPSG:8859", "EPSG:6244", "EPSG:3139", "EPSG:3993", "EPSG:6201", "EPSG:9895",
    // Without a code.
    "+proj=laea +lat_0=5 +lon_0=20 +datum=WGS84", "+proj=sinu +R=6371007.181", "+proj=longlat +R=6371000",
    "+proj=lcc +lat_1=33 +lat_2=45 +lon_0=-96 +units=us-ft +datum=NAD83",
    "+proj=utm +zone=33 +ellps=intl +towgs84=-87,-98,-121",
    "+proj=tmerc +lon_0=9 +k=1 +x_0=3500000 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7",
    "LOCAL_CS[\"site\",UNIT[\"metre\",1]]",
  ]

  @Test("the system is that of the scene", arguments: systems)
  func system(definition: String) throws {
    let crs = try CRS(definition)
    let transform =
      crs.isGeographic
      ? GeoTransform(originX: 10, originY: 20, pixelSize: 0.01)
      : GeoTransform(originX: 500_000, originY: 400_000, pixelSize: 10)
    for grid in try write(Grid(width: 16, height: 12, transform: transform, crs: crs)) {
      #expect(grid.transform == transform)
      let found = try #require(grid.crs)
      #expect(found.isSame(as: crs) || found.name == crs.name)
      // Of compound systems and of other authorities a TIFF keeps the parts.
      if definition.hasPrefix("EPSG:"), !["5972", "+"].contains(where: definition.contains) {
        #expect(found.authority == definition)
      }
    }
  }

  @Test(
    "a system that the file would lose fails the raster, and is named",
    arguments: [
      "+proj=eqearth +lon_0=20 +datum=WGS84",
      "+proj=ob_tran +o_proj=longlat +o_lat_p=40 +o_lon_p=0 +lon_0=10",
      "+proj=tmerc +lon_0=0 +pm=paris +ellps=clrk80", "ESRI:54053",
    ])
  func lost(definition: String) throws {
    let crs = try CRS(definition)
    let grid = Grid(
      width: 8, height: 8, transform: GeoTransform(originX: 500_000, originY: 400_000, pixelSize: 10),
      crs: crs)
    let error = #expect(throws: RasterError.self) { try write(grid) }
    #expect(error?.code == .unsupported)
    #expect(error?.description.contains("coordinate reference system") == true)
  }

  @Test("turned, sheared and south-up grids and none keep their position")
  func positions() throws {
    let transforms = [
      GeoTransform(originX: 600_000.125, columnX: 8, rowX: 6, originY: 5_200_000.5, columnY: 6, rowY: -8),
      GeoTransform(originX: 0, columnX: 10, rowX: 3, originY: 0, columnY: 0, rowY: -10),
      GeoTransform(originX: 600_000, columnX: 10, rowX: 0, originY: 5_200_000, columnY: 0, rowY: 10),
    ]
    for transform in transforms {
      for grid in try write(Grid(width: 16, height: 12, transform: transform, crs: utm)) {
        #expect(grid.transform == transform)
      }
    }
    for grid in try write(Grid(width: 16, height: 12)) { #expect(grid.transform == nil && grid.crs == nil) }
  }
}
