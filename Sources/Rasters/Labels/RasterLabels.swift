import CGDAL
import Classes
import Foundation

/// Labels from a raster: read as they are where the grids agree, warped with nearest neighbour where they do
/// not.
final class RasterLabels: LabelLayer {
  private let file: RasterFile
  private let key: LabelKey
  private let grid: Grid
  private let needsWarp: Bool
  package let extent: Window?
  private var others = LabelTally()
  private var fill = LabelTally()
  /// Pixels by value, where labels are listed for classes.
  private var taken: [Double: Int] = [:]

  /// Pixels of the labels' own grid that are held at once.
  private static let most = 1 << 24

  package init(_ source: LabelSource, key: LabelKey, on grid: Grid) throws(RasterError) {
    let file = try Self.open(source.path)
    guard file.measuredBands.count == 1 else {
      throw RasterError(
        .unsupported, "read the labels", path: source.path,
        cause: "\(file.measuredBands.count) bands where labels have one")
    }
    self.file = file
    self.key = key
    self.grid = grid
    guard let difference = file.grid.difference(from: grid) else {
      needsWarp = false
      extent = grid.bounds
      return
    }
    guard file.grid.transform != nil, grid.transform != nil, (file.grid.crs == nil) == (grid.crs == nil)
    else {
      throw RasterError(.gridMismatch, "lay the labels on the scene", path: source.path, cause: difference)
    }
    needsWarp = true
    extent = try MapProjection.extent(of: file.grid, on: grid, path: file.path)
    if extent == nil {
      throw RasterError(
        .noLabels, "lay the labels on the scene", path: source.path, cause: "they lie outside of it")
    }
  }

  /// Opens the file; what is no raster may be a vector file of a format that is not read.
  private static func open(_ path: String) throws(RasterError) -> RasterFile {
    if let foreign = LabelSource.foreignFormat(ofName: path), FileManager.default.fileExists(atPath: path) {
      throw RasterError(.unsupported, "read the labels", path: path, cause: foreign)
    }
    do { return try RasterFile(path: path) } catch {
      let kind = URL(fileURLWithPath: path).pathExtension.lowercased()
      guard error.code == .unreadable, !InputPath.rasterExtensions.contains(kind) else { throw error }
      throw RasterError(.unsupported, "read the labels", path: path, cause: LabelSource.formats)
    }
  }

  package func read(_ window: Window) throws(RasterError) -> [UInt8] {
    let noData = file.measuredBands[0].noData
    return try values(window).map { value in
      value.isNaN || value == noData ? ClassIndex.none : key.index(of: value) ?? ClassIndex.none
    }
  }

  func examine(_ window: Window) throws(RasterError) -> [UInt8] {
    let noData = file.measuredBands[0].noData
    return try values(window).map { value in
      guard !value.isNaN, value != noData else { return ClassIndex.none }
      if let index = key.index(of: value) {
        if key.listsLabels { taken[value, default: 0] += 1 }
        return index
      }
      if value == 0 || value == 255 { fill.add(value) } else { others.add(value) }
      return ClassIndex.none
    }
  }

  package func survey() -> LabelSurvey {
    var survey = LabelSurvey(.pixels, classes: key.classes.count)
    (survey.others, survey.fill) = (others.entries, fill.entries)
    survey.origins = taken.sorted { $0.key < $1.key }.compactMap { value, pixels in
      key.index(of: value).map {
        LabelSurvey.Origin(classIndex: Int($0), label: LabelTally.text(value), pixels: pixels)
      }
    }
    return survey
  }

  /// Returns the stored values of a window of the scene; NaN where a mask hides them or nothing falls on the
  /// pixel.
  private func values(_ window: Window) throws(RasterError) -> [Double] {
    if needsWarp { return try warp(window) }
    return try file.visibleValues(window, band: file.measuredBands[0].index)
  }

  /// Brings the labels to a window of the scene. Warping knows no masks: what they hide is taken out of a
  /// copy before.
  private func warp(_ window: Window) throws(RasterError) -> [Double] {
    guard file.hasMask else { return try warp(file.dataset, on: window) }
    let nothing = [Double](repeating: .nan, count: window.pixelCount)
    guard let part = try MapProjection.extent(of: grid.forWindow(window), on: file.grid, path: file.path)
    else {
      return nothing
    }
    if part.pixelCount > Self.most, window.pixelCount > 1 {
      var values: [Double] = []
      for half in window.halves { values += try warp(half) }
      return values
    }
    let copy = try Dataset.inMemory(width: part.width, height: part.height, bands: 1, type: GDT_Float64)
    try copy.setGrid(file.grid.forWindow(part))
    var values = try file.visibleValues(part, band: file.measuredBands[0].index)
    for index in values.indices where values[index].isNaN { values[index] = Self.nowhere }
    try GDALErrors.attempt("copy the labels without what is masked", path: file.path, code: .unreadable) {
      GDALRasterIO(
        copy.band(1), GF_Write, 0, 0, Int32(part.width), Int32(part.height), &values, Int32(part.width),
        Int32(part.height), GDT_Float64, 0, 0) == CE_None ? () : nil
    }
    return try warp(copy, on: window)
  }

  /// A value that no class has.
  private static let nowhere = -1e300

  private func warp(_ source: Dataset, on window: Window) throws(RasterError) -> [Double] {
    let nowhere = Self.nowhere
    let target = try Dataset.inMemory(width: window.width, height: window.height, bands: 1, type: GDT_Float64)
    try target.setGrid(grid.forWindow(window))
    let band = target.band(1)
    var values = try GDALErrors.attempt(
      "warp the labels to \(window)", path: file.path, code: .gridMismatch
    ) { () -> [Double]? in
      var values = [Double](repeating: nowhere, count: window.pixelCount)
      guard GDALFillRaster(band, nowhere, 0) == CE_None, GDALSetRasterNoDataValue(band, nowhere) == CE_None,
        GDALReprojectImage(
          source.handle, file.grid.crs?.wkt, target.handle, grid.crs?.wkt, GRA_NearestNeighbour, 0, 0,
          nil, nil, nil) == CE_None,
        GDALRasterIO(
          band, GF_Read, 0, 0, Int32(window.width), Int32(window.height), &values, Int32(window.width),
          Int32(window.height), GDT_Float64, 0, 0) == CE_None
      else { return nil }
      return values
    }
    for index in values.indices where values[index] == nowhere { values[index] = .nan }
    return values
  }
}

extension RasterFile {
  /// Stored values as they are; NaN where a mask or an alpha band hides them.
  func visibleValues(_ window: Window, band: Int) throws(RasterError) -> [Double] {
    var values: [Double] = try readValues(window, band: band)
    try readMask(window, bands: [band]) { values[$0] = .nan }
    return values
  }

  /// Whether anything but a no-data value hides pixels.
  var hasMask: Bool {
    bands.contains(where: \.isAlpha) || !maskBands(for: bands.map(\.index)).isEmpty
  }
}
