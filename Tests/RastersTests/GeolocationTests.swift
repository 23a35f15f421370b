import CGDAL
import Classes
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Scenes that say where they lie by control points, rational functions or arrays, and have no position.
@Suite("Scenes without a position that state a place")
struct GeolocationTests {
  let scratch = Scratch()

  init() { GDALLibrary.start() }

  /// What states the place.
  enum Kind: String, CaseIterable, Sendable { case controlPoints, rationalFunctions, arrays, identity }

  /// Writes a picture of 8 x 6 pixels that lies near a longitude.
  private func image(_ name: String, _ kind: Kind, longitude: Double, bands: Int = 1) throws -> String {
    let plane = [Double](repeating: 9, count: 48)
    return try scratch.image(
      name, type: GDT_UInt16, bands: [[Double]](repeating: plane, count: bands), width: 8,
      grid: Grid(width: 8, height: 6)
    ) { dataset in
      let object = GDALMajorObjectH(dataset.rawValue)
      switch kind {
      case .controlPoints, .identity:
        let degrees = try #require(OSRNewSpatialReference(try CRS.epsg(4326).wkt))
        defer { OSRDestroySpatialReference(degrees) }
        "".withCString { text in
          let empty = UnsafeMutablePointer(mutating: text)
          let points = [(0.0, 0.0), (8, 0), (0, 6), (8, 6)].map { column, row in
            GDAL_GCP(
              pszId: empty, pszInfo: empty, dfGCPPixel: column, dfGCPLine: row,
              dfGCPX: longitude + column / 100,
              dfGCPY: 10 - row / 100, dfGCPZ: 5)
          }
          #expect(GDALSetGCPs2(dataset, 4, points, degrees) == CE_None)
        }
      case .rationalFunctions:
        let numbers = (0..<20).map { $0 == 0 ? "1" : "0" }.joined(separator: " ")
        let items = [
          ("LINE_OFF", "3"), ("SAMP_OFF", "4"), ("LAT_OFF", "10"), ("LONG_OFF", "\(longitude)"),
          ("HEIGHT_OFF", "0"),
          ("LINE_SCALE", "3"), ("SAMP_SCALE", "4"), ("LAT_SCALE", "1"), ("LONG_SCALE", "1"),
          ("HEIGHT_SCALE", "1"),
          ("LINE_NUM_COEFF", numbers), ("LINE_DEN_COEFF", numbers), ("SAMP_NUM_COEFF", numbers),
          ("SAMP_DEN_COEFF", numbers),
        ]
        for (key, value) in items { GDALSetMetadataItem(object, key, value, "RPC") }
      case .arrays:
        for (key, value) in [
          ("X_DATASET", "lon\(Int(longitude)).tif"), ("Y_DATASET", "lat.tif"), ("X_BAND", "1"),
        ] {
          GDALSetMetadataItem(object, key, value, "GEOLOCATION")
        }
      }
    }
  }

  @Test("two places are never one ground because sizes agree, one place is", arguments: Kind.allCases)
  func grounds(kind: Kind) throws {
    let first = try RasterFile(path: image("a.tif", kind, longitude: 20)).grid
    let second = try RasterFile(path: image("b.tif", kind, longitude: 80)).grid
    let again = try RasterFile(path: image("c.tif", kind, longitude: 20)).grid
    let picture = Grid(width: 8, height: 6)
    #expect(first.transform == nil && first.geolocation != nil)
    #expect(!first.isSame(as: second) && first.isSame(as: again))
    #expect(first.commonGround(with: second) == nil && first.commonGround(with: again) == 1)
    #expect(first.commonGround(with: picture) == nil && picture.commonGround(with: picture) == 1)
    #expect(first.difference(from: second)?.contains("another place each") == true)
  }

  @Test("a scene of another place is brought to no grid", arguments: Kind.allCases)
  func resampling(kind: Kind) throws {
    let scenes = try [20.0, 80].map { longitude in
      try Scene(
        SceneSource(path: image("\(Int(longitude)).tif", kind, longitude: longitude)),
        sensor: .custom(bands: ["a"]),
        bands: ["a"])
    }
    let error = #expect(throws: RasterError.self) {
      try ResampledScene(scenes[1], on: scenes[0].grid, kernel: .bilinear)
    }
    #expect(error?.code == .gridMismatch)
    #expect(error?.description.contains("another place each") == true)
    #expect(throws: RasterError.self) { try Scene(before: scenes[0], after: scenes[1]) }
  }

  @Test("two dates are no pair where one states a place and the other none", arguments: Kind.allCases)
  func halfStated(kind: Kind) throws {
    let plain = try scratch.image(
      "plain.tif", bands: [[Double](repeating: 9, count: 48)], width: 8, grid: Grid(width: 8, height: 6))
    let scenes = try [image("a.tif", kind, longitude: 20), plain].map {
      try Scene(SceneSource(path: $0), sensor: .custom(bands: ["a"]), bands: ["a"])
    }
    for (before, after) in [(scenes[0], scenes[1]), (scenes[1], scenes[0])] {
      let error = #expect(throws: RasterError.self) { try Scene(before: before, after: after) }
      #expect(error?.code == .gridMismatch && error?.path == after.source.path)
      #expect(error?.description.contains("the other states no place") == true)
    }
    #expect(try Scene(before: scenes[0], after: scenes[0]).bandCount == 2)
    #expect(try Scene(before: scenes[1], after: scenes[1]).bandCount == 2)
  }

  @Test(
    "control points keep their system, also one that GDAL writes by a stand-in",
    arguments: [4326, 32632, 8857])
  func systems(code: Int) throws {
    let points = [(0.0, 0.0), (8, 0), (0, 6)].map { column, row in
      Geolocation.ControlPoint(column: column, row: row, x: 20 + column, y: 10 - row)
    }
    let grid = Grid(
      width: 8, height: 6, geolocation: Geolocation(controlPoints: points, crs: try .epsg(code)))
    let path = try scratch.raster(
      "map.tif", grid: grid, bands: [[UInt8](repeating: 1, count: 48)],
      options: .init(type: .byte, bandNames: ["map"]))
    try CloudOptimizedGeoTIFF.write(source: path, to: scratch.file("cog.tif"), overviews: .mode)
    for name in ["map.tif", "cog.tif"] {
      let found = try RasterFile(path: scratch.file(name)).grid.geolocation
      #expect(found?.crs?.authority == "EPSG:\(code)" && found?.controlPoints == points, "\(name)")
    }
  }

  @Test(
    "products carry control points and rational functions",
    arguments: [Kind.controlPoints, .rationalFunctions])
  func products(kind: Kind) throws {
    let scene = try Scene(
      SceneSource(path: image("a.tif", kind, longitude: 20)), sensor: .custom(bands: ["a"]), bands: ["a"])
    #expect(scene.notes.first?.contains("its maps carry them and have no position") == true)
    let path = try scratch.raster(
      "map.tif", grid: scene.grid, bands: [[UInt8](repeating: 1, count: 48)],
      options: .init(type: .byte, bandNames: ["map"]))
    try CloudOptimizedGeoTIFF.write(source: path, to: scratch.file("cog.tif"), overviews: .mode)
    for name in ["map.tif", "cog.tif"] {
      let grid = try RasterFile(path: scratch.file(name)).grid
      #expect(grid.geolocation?.controlPoints == scene.grid.geolocation?.controlPoints)
      #expect(
        grid.geolocation?.rationalFunctions["LONG_OFF"].flatMap(Double.init)
          == scene.grid.geolocation?.rationalFunctions["LONG_OFF"].flatMap(Double.init))
    }
  }

  @Test(
    "labels of another place are refused, labels that state none are laid on pixel by pixel",
    arguments: Kind.allCases)
  func labels(kind: Kind) throws {
    let scene = try RasterFile(path: image("a.tif", kind, longitude: 20)).grid
    let other = try image("b.tif", kind, longitude: 80)
    let classes = [LandClass(value: 9, name: "nine")]
    let error = #expect(throws: RasterError.self) {
      try Labels(LabelSource(path: other), classes: classes, on: scene)
    }
    #expect(error?.code == .gridMismatch)
    let plain = try scratch.image(
      "labels.tif", bands: [[Double](repeating: 9, count: 48)], width: 8, grid: Grid(width: 8, height: 6))
    let same = try image("c.tif", kind, longitude: 20)
    for path in [plain, same] {
      #expect(
        try Labels(LabelSource(path: path), classes: classes, on: scene).read(scene.bounds).allSatisfy {
          $0 == 0
        })
    }
  }

  @Test(
    "a part of a scene has its control points where they were",
    arguments: [Kind.controlPoints, .rationalFunctions])
  func parts(kind: Kind) throws {
    let grid = try RasterFile(path: image("a.tif", kind, longitude: 20)).grid
    let part = grid.forWindow(Window(column: 2, row: 1, width: 3, height: 3))
    if kind == .controlPoints {
      #expect(part.geolocation?.controlPoints.map(\.column) == [-2, 6, -2, 6])
      #expect(part.geolocation?.controlPoints.map(\.row) == [-1, -1, 5, 5])
    } else {
      #expect(part.geolocation?.rationalFunctions["SAMP_OFF"].flatMap(Double.init) == 2)
      #expect(part.geolocation?.rationalFunctions["LINE_OFF"].flatMap(Double.init) == 2)
    }
  }

  @Test("inspect says what there is in the place of a position")
  func report() throws {
    let text = try RasterReport(path: image("a.tif", .controlPoints, longitude: 20)).description
    #expect(text.contains("position none, but 4 ground control points"))
  }
}
