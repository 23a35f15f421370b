import CGDAL
import Numerics
import Rasters

/// A scene brought to another grid, window by window.
///
/// A pixel is valid where at least half of what it shows of the scene is; what lies outside of it is not.
/// Values that are not valid are left out, but for cubic: what it makes of some of its values only is off, so
/// that it needs all of them.
public final class ResampledScene {
  /// The rule by which values between pixels are interpolated.
  public enum Kernel: String, Sendable {
    /// A value is interpolated from the four pixels around; where pixels become larger it is the mean of
    /// those it covers.
    case bilinear
    /// A value is interpolated from the sixteen pixels around, so that edges stay sharper.
    case cubic
    /// The nearest pixel's, for values that cannot be mixed.
    case nearest

    fileprivate var algorithm: GDALResampleAlg {
      switch self {
      case .bilinear: GRA_Bilinear
      case .cubic: GRA_Cubic
      case .nearest: GRA_NearestNeighbour
      }
    }
    /// Pixels to either side that a value depends on, and one more.
    fileprivate var reach: Double {
      switch self {
      case .bilinear: 2
      case .cubic: 3
      case .nearest: 1
      }
    }
  }

  /// Values of the scene that are held at once, but for single rows of the grid: where the scene's pixels are
  /// much smaller, a window is read in parts.
  private static let valuesAtOnce = 1 << 24

  /// Values of the scene that one row of the grid may depend on.
  private static let valuesOfOneRow = 1 << 28

  private let scene: Scene
  /// The interpolation of the values.
  let kernel: Kernel
  private let own, grid: PlacedGrid
  /// The projection from the grid's reference system to the scene's.
  private let projection: MapProjection

  /// - Parameters:
  ///   - grid: the grid that the scene is read on.
  ///   - down: how many of that grid's rows further down than it should the scene's ground lies, which is put
  ///     right.
  ///   - right: likewise of columns.
  /// - Throws: `gridMismatch` where one of the two has a position or a reference system that the other lacks,
  ///   and where positions of one system cannot be brought to the other.
  public init(_ scene: Scene, on grid: Grid, down: Double = 0, right: Double = 0, kernel: Kernel)
    throws(RasterError)
  {
    func refusal(_ cause: String) -> RasterError {
      RasterError(.gridMismatch, "bring the scene to another grid", path: scene.source.path, cause: cause)
    }
    // Pictures of one size without georeferencing are moved on a map of their own pixels.
    let isPicture = scene.grid.transform == nil && scene.grid.isSame(as: grid)
    guard let own = PlacedGrid(scene.grid, isPicture: isPicture),
      let placed = PlacedGrid(grid, isPicture: isPicture),
      (scene.grid.crs == nil) == (grid.crs == nil)
    else { throw refusal(scene.grid.difference(from: grid) ?? "neither has a position on the map") }
    (self.scene, self.own, self.kernel) = (scene, own, kernel)
    // Reading from where the ground lies brings it to where it should.
    self.grid = placed.moved(down: down, right: right)
    projection = try MapProjection(from: grid.crs, to: scene.grid.crs, path: scene.source.path)
  }

  /// Reads a window of the grid.
  ///
  /// - Throws: `gridMismatch` naming the scene, where positions cannot be transformed; what reading throws.
  public func read(_ window: Window) throws(RasterError) -> PixelBlock {
    guard let part = part(below: window) else {
      return PixelBlock(invalid: window, bandCount: scene.bandCount)
    }
    let bands = scene.bandCount
    guard window.height > 1 || part.pixelCount * bands <= Self.valuesOfOneRow else {
      throw RasterError(
        .tooLarge, "resample to \(window)", path: scene.source.path,
        cause: "one row of the grid covers \(part.width) x \(part.height) of its pixels")
    }
    guard part.pixelCount * bands <= Self.valuesAtOnce || window.height == 1 else {
      let halves = window.halves
      return PixelBlock(above: try read(halves[0]), below: try read(halves[1]))
    }
    let block = try scene.read(part)
    let source = try Self.dataset(
      of: block, on: own.grid.forWindow(part), leavesOutInvalid: kernel != .cubic)
    let target = try Self.dataset(
      of: PixelBlock(invalid: window, bandCount: bands), on: grid.grid.forWindow(window),
      leavesOutInvalid: kernel != .cubic)
    var values = try warp(source, to: target, window, by: kernel.algorithm)
    if kernel == .bilinear, block.valid.contains(false) {
      // A value beside the edge of what is valid is made of it alone, however little of the pixel lies there.
      let shares = try warp(
        try Self.dataset(of: block.validity, on: own.grid.forWindow(part), leavesOutInvalid: false),
        to: try Self.dataset(
          of: PixelBlock(invalid: window, bandCount: 1), on: grid.grid.forWindow(window),
          leavesOutInvalid: false),
        window, by: GRA_Average)
      for index in values.indices where shares[index % shares.count] < 0.5 - 1e-6 { values[index] = .nan }
    }
    return PixelBlock(finite: values, window, bandCount: bands)
  }

  /// Brings a raster in memory to another, of the window's grid, and gives the values of all its bands.
  private func warp(_ source: Dataset, to target: Dataset, _ window: Window, by algorithm: GDALResampleAlg)
    throws(RasterError) -> [Float]
  {
    try GDALErrors.attempt("resample to \(window)", path: scene.source.path, code: .gridMismatch) {
      () -> [Float]? in
      guard
        GDALReprojectImage(
          source.handle, own.grid.crs?.wkt, target.handle, grid.grid.crs?.wkt, algorithm, 0, 0, nil, nil, nil)
          == CE_None
      else { return nil }
      return Self.transfer(
        target, .reading, [Float](repeating: .nan, count: target.bandCount * window.pixelCount), window)
    }
  }

  /// Returns the scene's pixels that a window of the grid depends on; nil where it shows none of the scene.
  private func part(below window: Window) -> Window? {
    let steps = 16
    let outline = (0...steps).flatMap { step -> [(Double, Double)] in
      let share = Double(step) / Double(steps)
      let (x, y) = (share * Double(window.width), share * Double(window.height))
      return [(x, 0), (x, Double(window.height)), (0, y), (Double(window.width), y)]
    }
    let points = outline.compactMap { right, down -> (x: Double, y: Double)? in
      let place = grid.transform.apply(column: Double(window.column) + right, row: Double(window.row) + down)
      return projection.apply(place).map { own.pixel(at: $0) }
    }
    let (columns, rows) = (points.map(\.x), points.map(\.y))
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max()
    else {
      return nil
    }
    // Where pixels become larger, a value depends on all that it covers.
    let zoom = max(1, (right - left) / Double(window.width), (bottom - top) / Double(window.height))
    func covering(_ bounds: Window) -> Window? {
      Window.covering(columns: columns, rows: rows, spare: kernel.reach * zoom, within: bounds)
    }
    let part = covering(scene.grid.bounds)
    guard kernel == .cubic, part != nil else { return part }
    // What lies beyond the scene is read as well: it is not valid, and so the edge is not.
    return covering(scene.grid.bounds.grown(by: Int(bounded: min((kernel.reach * zoom).rounded(.up), 1e6))))
  }

  /// Returns a block as floating point bands with NaN where it is not valid, which spreads unless GDAL is to
  /// leave it out.
  private static func dataset(of block: PixelBlock, on grid: Grid, leavesOutInvalid: Bool)
    throws(RasterError) -> Dataset
  {
    let dataset = try Dataset.inMemory(
      width: block.width, height: block.height, bands: block.bandCount, type: GDT_Float32)
    try dataset.setGrid(grid)
    let values = block.values.indices.map { block.valid[$0 % block.valid.count] ? block.values[$0] : .nan }
    _ = try GDALErrors.attempt("fill a raster in memory", path: nil, code: .tooLarge) { () -> [Float]? in
      for band in 1...block.bandCount where leavesOutInvalid {
        guard GDALSetRasterNoDataValue(dataset.band(band), .nan) == CE_None else { return nil }
      }
      return transfer(dataset, .writing, values, grid.bounds)
    }
    return dataset
  }

  private enum Direction { case reading, writing }

  /// Reads or writes all bands; nil where GDAL could not.
  private static func transfer(
    _ dataset: Dataset, _ direction: Direction, _ values: [Float], _ window: Window
  )
    -> [Float]?
  {
    var values = values
    let (width, height) = (Int32(window.width), Int32(window.height))
    let isDone = values.withUnsafeMutableBufferPointer { buffer in
      (0..<buffer.count / window.pixelCount).allSatisfy { band in
        GDALRasterIO(
          dataset.band(band + 1), direction == .reading ? GF_Read : GF_Write, 0, 0, width, height,
          buffer.baseAddress! + band * window.pixelCount, width, height, GDT_Float32, 0, 0) == CE_None
      }
    }
    return isDone ? values : nil
  }
}

@available(*, unavailable)
extension ResampledScene: Sendable {}

/// A grid whose place is known.
private struct PlacedGrid {
  package let grid: Grid
  let transform, inverse: GeoTransform
  /// Whether map coordinates are degrees.
  let isGeographic: Bool

  /// Nil where it has no place, and is no picture whose pixels are the map.
  package init?(_ grid: Grid, isPicture: Bool) {
    let pixels = GeoTransform(originX: 0, originY: 0, pixelSize: 1)
    guard let transform = isPicture ? pixels : grid.transform, let inverse = transform.inverse else {
      return nil
    }
    self.grid = Grid(width: grid.width, height: grid.height, transform: transform, crs: grid.crs)
    (self.transform, self.inverse) = (transform, inverse)
    isGeographic = grid.crs?.isGeographic ?? false
  }

  /// Returns the position among the pixels of a place on the map; a longitude of any turn is that within the
  /// grid.
  func pixel(at place: (x: Double, y: Double)) -> (x: Double, y: Double) {
    guard isGeographic else { return inverse.apply(column: place.x, row: place.y) }
    let middle = transform.apply(column: Double(grid.width) / 2, row: Double(grid.height) / 2).x
    let turns = ((middle - place.x) / 360).rounded()
    return inverse.apply(column: place.x + 360 * turns, row: place.y)
  }

  /// Returns the grid some of its rows further down and columns further right.
  func moved(down: Double, right: Double) -> PlacedGrid {
    let (x, y) = transform.apply(column: right, row: down)
    let moved = GeoTransform(
      originX: x, columnX: transform.columnX, rowX: transform.rowX, originY: y, columnY: transform.columnY,
      rowY: transform.rowY)
    return PlacedGrid(
      Grid(width: grid.width, height: grid.height, transform: moved, crs: grid.crs), isPicture: false)!
  }
}

extension PixelBlock {
  /// One band, 1 where the block is valid and 0 where it is not, which is valid throughout.
  fileprivate var validity: PixelBlock {
    PixelBlock(
      width: width, height: height, bandCount: 1, values: valid.map { $0 ? 1 : 0 },
      valid: [Bool](repeating: true, count: valid.count))
  }

  /// Two blocks of one width, one below the other.
  fileprivate init(above: PixelBlock, below: PixelBlock) {
    let (first, second) = (above.valid.count, below.valid.count)
    var values: [Float] = []
    for band in 0..<above.bandCount {
      values += above.values[band * first..<(band + 1) * first]
      values += below.values[band * second..<(band + 1) * second]
    }
    self.init(
      width: above.width, height: above.height + below.height, bandCount: above.bandCount, values: values,
      valid: above.valid + below.valid)
  }

  /// Values of which pixels are valid where every band is finite.
  fileprivate init(finite values: [Float], _ window: Window, bandCount: Int) {
    let count = window.pixelCount
    var (values, valid) = (values, [Bool](repeating: true, count: count))
    for index in values.indices where !values[index].isFinite { valid[index % count] = false }
    for index in values.indices where !valid[index % count] { values[index] = 0 }
    self.init(width: window.width, height: window.height, bandCount: bandCount, values: values, valid: valid)
  }
}
