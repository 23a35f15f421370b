import CGDAL
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Polygons of a class raster")
struct ClassPolygonsTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  private static let legend = Legend(
    entries: [
      .init(value: 1, name: "water", color: Color("#419bdf")!),
      .init(value: 2, name: "trees & shrubs", color: Color("#397d49")!),
      .init(value: 7, name: "bare", color: Color("#a59b8f")!),
    ], noData: 0)

  /// Noise of the three classes, of no data and of a value that is no class, with every way in which patches
  /// can touch.
  private func raster(_ grid: Grid, seed: Int) throws -> (path: String, values: [UInt8]) {
    var random = SeededNumbers(seed: seed)
    let values = (0..<grid.bounds.pixelCount).map { _ in
      [0, 1, 1, 1, 2, 2, 7, 9].randomElement(using: &random)!
    }
    let path = try scratch.raster(
      "map.tif", grid: grid, bands: [values.map(UInt8.init)],
      options: .init(type: .byte, bandNames: ["map"], noData: 0))
    return (path, values.map(UInt8.init))
  }

  private struct Polygon {
    let name: String
    let value: Int
    let hectares: Double?
    let area: Double
    let isValid: Bool
  }

  private func polygons(_ path: String, layer name: String = "landcover") throws -> (
    system: String?, polygons: [Polygon]
  ) {
    let file = try #require(GDALOpenEx(path, UInt32(GDAL_OF_VECTOR | GDAL_OF_READONLY), nil, nil, nil))
    defer { GDALClose(file) }
    let layer = try #require(GDALDatasetGetLayerByName(file, name))
    var polygons: [Polygon] = []
    while let feature = OGR_L_GetNextFeature(layer) {
      defer { OGR_F_Destroy(feature) }
      let geometry = OGR_F_GetGeometryRef(feature)
      polygons.append(
        Polygon(
          name: String(cString: OGR_F_GetFieldAsString(feature, 0)),
          value: Int(OGR_F_GetFieldAsInteger(feature, 1)),
          hectares: OGR_F_IsFieldSetAndNotNull(feature, 2) == 0 ? nil : OGR_F_GetFieldAsDouble(feature, 2),
          area: OGR_G_Area(geometry), isValid: OGR_G_IsValid(geometry) != 0))
    }
    return (CRS(borrowing: OGR_L_GetSpatialRef(layer))?.authority, polygons)
  }

  @Test(
    "Polygons are valid, have name, value and hectares, and cover the pixels of their class", arguments: 1...4
  )
  func cover(seed: Int) throws {
    let grid = utmGrid(61, 47)
    let (path, values) = try raster(grid, seed: seed)
    let target = scratch.file("map.gpkg")
    let count = try ClassPolygons.write(
      raster: path, legend: Self.legend, layer: "landcover", style: nil, to: target, isCancelled: { false })
    let (system, polygons) = try polygons(target)
    #expect(system == grid.crs?.authority && polygons.count == count && count > 300)
    let areValid = polygons.allSatisfy(\.isValid)
    #expect(areValid)
    let pixel = try #require(grid.pixelAreaInSquareMetres) / 10_000
    for entry in Self.legend.entries {
      let own = polygons.filter { $0.value == Int(entry.value) }
      #expect(own.allSatisfy { $0.name == entry.name })
      let pixels = values.count { $0 == entry.value }
      #expect(abs(own.reduce(0) { $0 + ($1.hectares ?? 0) } - Double(pixels) * pixel) < 1e-6)
      #expect(abs(own.reduce(0) { $0 + $1.area } / 10_000 - Double(pixels) * pixel) < 1e-6)
    }
    #expect(Set(polygons.map(\.value)) == [1, 2, 7])
    #expect(scratch.entries.sorted() == ["map.gpkg", "map.tif"])
  }

  @Test("The same raster gives the same bytes, with the style in the file for QGIS")
  func style() throws {
    let (path, _) = try raster(utmGrid(20, 20), seed: 9)
    let style = LayerStyle(qml: "<qgis/>", sld: "<sld/>")
    let files = try ["a.gpkg", "b.gpkg"].map { name in
      _ = try ClassPolygons.write(
        raster: path, legend: Self.legend, layer: "landcover", style: style, to: scratch.file(name),
        isCancelled: { false })
      return try Data(contentsOf: URL(fileURLWithPath: scratch.file(name)))
    }
    #expect(files[0] == files[1])
    let file = try #require(
      GDALOpenEx(scratch.file("a.gpkg"), UInt32(GDAL_OF_VECTOR | GDAL_OF_READONLY), nil, nil, nil))
    defer { GDALClose(file) }
    let table = try #require(GDALDatasetGetLayerByName(file, "layer_styles"))
    let row = try #require(OGR_L_GetNextFeature(table))
    defer { OGR_F_Destroy(row) }
    func text(_ field: String) -> String {
      String(cString: OGR_F_GetFieldAsString(row, OGR_F_GetFieldIndex(row, field)))
    }
    #expect(text("f_table_name") == "landcover" && text("f_geometry_column") == "geom")
    #expect(text("styleQML") == style.qml && text("styleSLD") == style.sld && text("useAsDefault") == "1")
  }

  @Test("A raster without a position has no polygons: they would lie somewhere else, mirrored")
  func unplaced() throws {
    let (path, _) = try raster(Grid(width: 20, height: 20, transform: nil, crs: nil), seed: 4)
    let refusal = try #require(throws: RasterError.self) {
      try ClassPolygons.write(
        raster: path, legend: Self.legend, layer: "landcover", style: nil, to: scratch.file("map.gpkg"),
        isCancelled: { false })
    }
    #expect(refusal.code == .noCRS && scratch.entries == ["map.tif"])
  }

  @Test("A run that is asked to end ends the outlining, and leaves no file")
  func cancelled() throws {
    let (path, _) = try raster(utmGrid(200, 200), seed: 3)
    #expect(throws: RasterError.self) {
      try ClassPolygons.write(
        raster: path, legend: Self.legend, layer: "landcover", style: nil, to: scratch.file("map.gpkg"),
        isCancelled: { true })
    }
    #expect(scratch.entries == ["map.tif"])
  }
}
