import CGDAL
import Foundation
import Numerics
import Rasters

/// The masks of a scene, read window by window on any grid over its ground.
///
/// A mask keeps its own grid: what it hides is grown there, in metres. A pixel of a finer grid is hidden where
/// the mask's pixel around its middle is, one of a coarser grid where any part of it is.
final class SceneMask {
  private struct Part {
    let asset: MaskAsset
    let file: RasterFile
    /// The bits that say that one of the bands that are read is saturated.
    let saturation: Int
  }

  private let parts: [Part]
  private let masking: Masking
  /// Whether pixels that a mask does not reach are hidden: the user's own say all that is known.
  private let hidesBeyond: Bool
  /// The words of numbers that were met, by part.
  private var known: [[Int: MaskWords]]

  /// Opens the masks of a scene; nil where there is none to be read.
  ///
  /// - Parameters:
  ///   - bands: the bands that are read, by their names in the product.
  ///   - finest: the file that the scene's grid is that of.
  /// - Throws: `notFound` for a user's mask that is not there; `gridMismatch` for one that lies on the ground
  ///   in another way; what opening throws.
  init?(
    of source: SceneSource, _ masking: Masking, bands: [String], under finest: RasterFile
  ) throws(RasterError) {
    var assets: [MaskAsset]
    switch masking.origin {
    case .product, .none: assets = source.masks
    case .map(let file, let rule): assets = source.masks + [MaskAsset(file, rule)]
    case .suffix(let suffix, let rule):
      assets = source.masks + [MaskAsset(try source.ownMask(suffix: suffix), rule)]
    }
    let chosen = masking.chosen
    let names = Set(bands.map(Sensor.normalised))
    var files: [String: RasterFile] = [:]
    var parts: [Part] = []
    assets.removeAll { asset in
      let vocabulary = asset.rule.vocabulary.intersection(chosen.union(.defective))
      return vocabulary.isEmpty && asset.saturationBits.isEmpty
    }
    for asset in assets {
      let file: RasterFile
      if let open = files[asset.file] { file = open } else { file = try RasterFile(path: asset.file) }
      files[asset.file] = file
      guard asset.index <= file.bands.count else {
        throw RasterError(
          .missingBand, "read the mask", path: asset.file,
          cause: "band \(asset.index) of \(file.bands.count)")
      }
      let place = try Placement(of: finest.grid, on: file.grid, path: asset.file)
      guard masking.growth == 0 || place.knowsMetres else {
        throw RasterError(
          .unsupported, "grow the mask", path: asset.file, cause: "its pixels have no size in metres")
      }
      let bits = asset.saturationBits.filter { names.contains($0.key) }.values
      parts.append(Part(asset: asset, file: file, saturation: bits.reduce(0) { $0 | 1 << $1 }))
    }
    guard !parts.isEmpty else { return nil }
    (self.parts, self.masking) = (parts, masking)
    known = parts.map { _ in [:] }
    switch masking.origin {
    case .map, .suffix: hidesBeyond = true
    case .product, .none: hidesBeyond = false
    }
  }

  /// Returns what hides each pixel of a window of a grid: 0 where nothing does, else 1 and the word's place in
  /// ``MaskWords/all``.
  ///
  /// - Throws: `gridMismatch` where the grid has another reference system; what reading throws.
  func codes(in window: Window, of grid: Grid) throws(RasterError) -> [UInt8] {
    var codes = [UInt8](repeating: 0, count: window.pixelCount)
    let always = MaskWords.defective.union(.saturated)
    for index in parts.indices {
      let part = parts[index]
      let place = try Placement(of: grid, on: part.file.grid, path: part.asset.file)
      let (columns, rows) = (place.columns(of: window.columns), place.rows(of: window.rows))
      let isOwn = hidesBeyond && index == parts.count - 1
      if isOwn {
        for (row, line) in rows.enumerated() {
          for (column, place) in columns.enumerated() where line.isEmpty || place.isEmpty {
            codes[row * window.width + column] = UInt8(MaskWords.masked.weightiest! + 1)
          }
        }
      }
      guard
        let stored = try words(
          of: index, columns: Self.span(columns), rows: Self.span(rows), grown: place.reach(masking.growth))
      else { continue }
      let hidden = masking.chosen.union(always)
      for (word, _) in MaskWords.all.enumerated() {
        let code = UInt8(word + 1)
        let bit = MaskWords(rawValue: 1 << UInt16(word))
        guard hidden.contains(bit), stored.vocabulary.contains(bit) else { continue }
        let growth = masking.chosen.contains(bit) ? place.reach(masking.growth) : (0, 0)
        let plane = stored.plane(of: bit).grown(x: growth.0, y: growth.1)
        for (row, line) in rows.enumerated() where !line.isEmpty {
          for (column, place) in columns.enumerated() where !place.isEmpty {
            let pixel = row * window.width + column
            guard codes[pixel] == 0 || codes[pixel] > code else { continue }
            if plane.hasAny(columns: place, rows: line) { codes[pixel] = code }
          }
        }
      }
    }
    return codes
  }

  /// Returns the smallest range around ranges of which some are empty.
  private static func span(_ ranges: [Range<Int>]) -> Range<Int> {
    let full = ranges.filter { !$0.isEmpty }
    guard let low = full.map(\.lowerBound).min(), let high = full.map(\.upperBound).max() else {
      return 0..<0
    }
    return low..<high
  }

  /// The words of a window of a mask.
  private struct Words {
    let window: Window
    let words: [MaskWords]
    let vocabulary: MaskWords

    func plane(of word: MaskWords) -> HiddenPlane {
      HiddenPlane(window: window, isHidden: words.map { $0.contains(word) })
    }
  }

  /// Reads the words of a part of a mask and around it; nil where that is nothing.
  private func words(
    of index: Int, columns: Range<Int>, rows: Range<Int>, grown reach: (Double, Double)
  ) throws(RasterError) -> Words? {
    let file = parts[index].file
    guard !columns.isEmpty, !rows.isEmpty else { return nil }
    let (x, y) = (Int(bounded: reach.0.rounded(.up)), Int(bounded: reach.1.rounded(.up)))
    let wanted = Window(
      column: columns.lowerBound - x, row: rows.lowerBound - y, width: columns.count + 2 * x,
      height: rows.count + 2 * y)
    guard let window = wanted.intersection(file.grid.bounds) else { return nil }
    var values = [Int32](repeating: 0, count: window.pixelCount)
    try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      try file.readRaw(
        window, bands: [parts[index].asset.index], into: UnsafeMutableRawBufferPointer(buffer), as: GDT_Int32)
    }
    var vocabulary: MaskWords = []
    var (lastValue, lastWords): (Int32, MaskWords) = (values[0], words(of: values[0], in: index))
    vocabulary.formUnion(lastWords)
    let words = values.map { value -> MaskWords in
      if value != lastValue {
        (lastValue, lastWords) = (value, self.words(of: value, in: index))
        vocabulary.formUnion(lastWords)
      }
      return lastWords
    }
    return Words(window: window, words: words, vocabulary: vocabulary)
  }

  /// Returns the words of a number of a mask: of saturated bands those count that are read, unless all are to
  /// be hidden.
  private func words(of value: Int32, in index: Int) -> MaskWords {
    if let words = known[index][Int(value)] { return words }
    let part = parts[index]
    var words = part.asset.rule.words(of: Int(value))
    if !masking.chosen.contains(.saturated) { words.remove(.saturated) }
    if Int(value) & part.saturation != 0 { words.insert(.saturated) }
    known[index][Int(value)] = words
    return words
  }

  /// Returns whether the masks lie in a reference system.
  func lies(in crs: CRS?) -> Bool {
    parts.allSatisfy { part in
      switch (part.file.grid.crs, crs) {
      case (nil, nil): true
      case (let own?, let other?): own.isSame(as: other)
      default: false
      }
    }
  }
}

@available(*, unavailable)
extension SceneMask: Sendable {}

/// The way from the pixels of a grid to those of a mask.
private struct Placement {
  /// Pixels of the mask for one of the grid, and the mask's place of the grid's first corner.
  private let (scaleX, startX, scaleY, startY): (Double, Double, Double, Double)
  private let width, height: Int
  /// Metres of a pixel of the mask; nil where nobody knows them.
  private let metres: (x: Double, y: Double)?

  /// Differences of positions that are rounding, in pixels of the mask.
  private static let slack = 1e-3

  /// - Throws: `gridMismatch` where one of the grids has a place that the other lacks, or is turned against it.
  init(of grid: Grid, on mask: Grid, path: String) throws(RasterError) {
    func refusal(_ cause: String) -> RasterError {
      RasterError(.gridMismatch, "lay the mask on the scene", path: path, cause: cause)
    }
    (width, height) = (mask.width, mask.height)
    switch (mask.crs, grid.crs) {
    case (nil, nil): break
    case (let own?, let other?) where own.isSame(as: other): break
    case (let own, let other):
      throw refusal(
        "coordinate reference system \(own.map(\.description) ?? "none") against "
          + "\(other.map(\.description) ?? "none")")
    }
    guard let from = grid.transform, let to = mask.transform, let inverse = to.inverse else {
      guard grid.transform == nil, mask.transform == nil else {
        throw refusal("one of them has no position on the map")
      }
      (scaleX, startX) = (Double(mask.width) / Double(grid.width), 0)
      (scaleY, startY) = (Double(mask.height) / Double(grid.height), 0)
      metres = nil
      return
    }
    func place(_ column: Double, _ row: Double) -> (x: Double, y: Double) {
      let map = from.apply(column: column, row: row)
      return inverse.apply(column: map.x, row: map.y)
    }
    let (corner, right, below) = (place(0, 0), place(1, 0), place(0, 1))
    guard abs(right.y - corner.y) * Double(grid.width) < 0.1,
      abs(below.x - corner.x) * Double(grid.height) < 0.1
    else {
      throw refusal("it is turned against the scene")
    }
    (scaleX, startX) = (right.x - corner.x, corner.x)
    (scaleY, startY) = (below.y - corner.y, corner.y)
    let unit = mask.crs?.metresPerUnit
    metres = unit.map { (abs(to.columnX) * $0, abs(to.rowY) * $0) }
  }

  /// Whether the size of a pixel of the mask in metres is known.
  var knowsMetres: Bool { metres != nil }

  /// Returns a distance in metres as pixels of the mask.
  func reach(_ distance: Double) -> (Double, Double) {
    guard distance > 0, let metres, metres.x > 0, metres.y > 0 else { return (0, 0) }
    return (distance / metres.x, distance / metres.y)
  }

  /// Returns the mask's columns below each column; none where it has none there.
  func columns(of range: Range<Int>) -> [Range<Int>] {
    range.map { Self.below($0, scale: scaleX, start: startX, extent: width) }
  }

  /// Returns the mask's rows below each row; none where it has none there.
  func rows(of range: Range<Int>) -> [Range<Int>] {
    range.map { Self.below($0, scale: scaleY, start: startY, extent: height) }
  }

  private static func below(_ pixel: Int, scale: Double, start: Double, extent: Int) -> Range<Int> {
    let (one, other) = (start + Double(pixel) * scale, start + Double(pixel + 1) * scale)
    let (low, high) = (min(one, other), max(one, other))
    let first, last: Int
    if high - low <= 1 + slack {
      first = Int(bounded: ((low + high) / 2).rounded(.down))
      last = first + 1
    } else {
      first = Int(bounded: (low + slack).rounded(.down))
      last = Int(bounded: (high - slack).rounded(.up))
    }
    let bounds = max(first, 0)..<max(max(first, 0), min(last, extent))
    return bounds.lowerBound >= extent ? 0..<0 : bounds
  }
}

/// The pixels of a window of a mask that one word hides.
private struct HiddenPlane {
  let window: Window
  var isHidden: [Bool]

  /// Returns the plane in which all pixels are hidden as well whose middles are no further from the middle of
  /// a hidden one than some pixels across and down.
  func grown(x: Double, y: Double) -> HiddenPlane {
    guard x >= 1 || y >= 1 else { return self }
    let (width, height) = (window.width, window.height)
    var grown = self
    let down = min(Int(bounded: y), height)
    // For each row of the reach, how far it goes to either side.
    let sides = (0...down).map {
      Int(bounded: x * max(0, 1 - (y > 0 ? Double($0) * Double($0) / (y * y) : 0)).squareRoot())
    }
    for row in 0..<height {
      let line = isHidden[row * width..<(row + 1) * width]
      guard let first = line.firstIndex(of: true) else { continue }
      var column = first
      while column < line.endIndex {
        guard line[column] else {
          column += 1
          continue
        }
        let start = column - row * width
        while column < line.endIndex, line[column] { column += 1 }
        let end = column - row * width
        for (distance, side) in sides.enumerated() {
          let (left, right) = (max(0, start - side), min(width, end + side))
          for other in Set([row - distance, row + distance]) where (0..<height).contains(other) {
            for place in left..<right { grown.isHidden[other * width + place] = true }
          }
        }
      }
    }
    return grown
  }

  /// Returns whether a pixel of a rectangle is hidden.
  func hasAny(columns: Range<Int>, rows: Range<Int>) -> Bool {
    for row in rows.clamped(to: window.rows) {
      let line = (row - window.row) * window.width - window.column
      for column in columns.clamped(to: window.columns) where isHidden[line + column] { return true }
    }
    return false
  }
}

extension SceneSource {
  /// Returns the user's mask beside the scene, named as it with a suffix before the extension.
  ///
  /// - Throws: `notFound` naming the file that was looked for.
  public func ownMask(suffix: String) throws(RasterError) -> String {
    let place = URL(fileURLWithPath: path)
    let stem = place.deletingPathExtension().lastPathComponent
    let directory = place.deletingLastPathComponent().path
    let names = InputPath.rasterExtensions.map { "\(directory)/\(stem)\(suffix).\($0)" }
    guard let found = names.first(where: FileManager.default.fileExists) else {
      throw RasterError(
        .notFound, "find the scene's mask", path: "\(directory)/\(stem)\(suffix).tif",
        cause: "no such file ('mask.suffix' is '\(suffix)')")
    }
    return found
  }

  /// Says that clouds are mapped where a product has no mask that hides them.
  func maskNotes(_ masking: Masking) -> [String] {
    guard case .product = masking.origin, masks.isEmpty, let product, product.backscatter == nil else {
      return []
    }
    return ["\(fileName): no mask in the product: its clouds are mapped ('mask: none' says that it is meant)"]
  }
}
