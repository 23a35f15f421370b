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
    /// The number that says nothing of a pixel; nil of masks of products, whose rules tell.
    let unknown: Int?
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
    let own = assets.count > source.masks.count ? assets.last : nil
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
      if let open = files[asset.file] { file = open } else { file = try source.raster(at: asset.file) }
      files[asset.file] = file
      guard asset.index <= file.bands.count else {
        throw RasterError(
          .missingBand, "read the mask", path: asset.file,
          cause: "band \(asset.index) of \(file.bands.count)")
      }
      let place = try MaskPlacement(of: finest.grid, on: file.grid, path: asset.file)
      guard masking.growth == 0 || place.knowsMetres else {
        throw RasterError(
          .unsupported, "grow the mask", path: asset.file, cause: "its pixels have no size in metres")
      }
      let band = file.bands[asset.index - 1]
      guard ["Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32"].contains(band.dataType) else {
        throw RasterError(
          .unsupported, "read the mask", path: asset.file,
          cause: "\(band.dataType) numbers, where masks hold whole ones")
      }
      let bits = asset.saturationBits.filter { names.contains($0.key) }.values
      parts.append(
        Part(
          asset: asset, file: file, saturation: bits.reduce(0) { $0 | 1 << $1 },
          unknown: asset == own ? band.noData.flatMap { Int(exactly: $0) } : nil))
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
    for index in parts.indices {
      let part = parts[index]
      let place = try MaskPlacement(of: grid, on: part.file.grid, path: part.asset.file)
      let (columns, rows) = (place.columns(of: window.columns), place.rows(of: window.rows))
      if hidesBeyond && index == parts.count - 1 {
        for (row, line) in rows.enumerated() {
          for (column, place) in columns.enumerated() where line.isEmpty || place.isEmpty {
            codes[row * window.width + column] = UInt8(MaskWords.masked.weightiest! + 1)
          }
        }
      }
      guard let plane = try plane(of: index, Self.span(columns), Self.span(rows), place) else { continue }
      for (row, line) in rows.enumerated() where !line.isEmpty {
        for (column, place) in columns.enumerated() where !place.isEmpty {
          let code = plane.weightiest(columns: place, rows: line)
          let pixel = row * window.width + column
          if code != 0, codes[pixel] == 0 || codes[pixel] > code { codes[pixel] = code }
        }
      }
    }
    return codes
  }

  /// Hides pixels of files before values are mixed from them: those of one grid and window alike.
  func hide(in files: inout [StoredPixels]) throws(RasterError) {
    var known: [(window: Window, grid: Grid, hidden: [Int])] = []
    for index in files.indices {
      let (window, grid) = (files[index].window, files[index].part.file.grid)
      let hidden: [Int]
      if let same = known.first(where: { $0.window == window && $0.grid.width == grid.width }) {
        hidden = same.hidden
      } else {
        let codes = try codes(in: window, of: grid)
        hidden = codes.indices.filter { codes[$0] != 0 }
        known.append((window, grid, hidden))
      }
      files[index].hide(hidden)
    }
  }

  /// Returns the codes of a window of a mask on its own grid, grown; nil where nothing is hidden there.
  private func plane(
    of index: Int, _ columns: Range<Int>, _ rows: Range<Int>, _ place: MaskPlacement
  ) throws(RasterError) -> MaskPlane? {
    let reach = place.reach(masking.growth)
    guard let stored = try words(of: index, columns: columns, rows: rows, grown: reach) else { return nil }
    let hidden = masking.chosen.union([.defective, .saturated]).intersection(stored.vocabulary)
    guard !hidden.isEmpty else { return nil }
    var plane = MaskPlane(window: stored.window)
    // The weightiest last: it is what a pixel is hidden for.
    for word in MaskWords.all.indices.reversed() where hidden.contains(MaskWords.all[word].word) {
      let bit = MaskWords.all[word].word
      plane.mark(
        stored.words.map { $0.contains(bit) }, UInt8(word + 1),
        grown: masking.chosen.contains(bit) ? reach : (0, 0))
    }
    return plane
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
    if Int(value) == part.unknown, !part.asset.rule.lists(Int(value)) { words.insert(.masked) }
    known[index][Int(value)] = words
    return words
  }

  /// Returns the bands of the masks, with their pixels for one of a grid.
  func blocks(under grid: Grid) -> [(file: RasterFile, band: Int, ratio: Double)] {
    parts.map { part in
      let own = part.file.grid.transform?.columnX, other = grid.transform?.columnX
      let ratio = own.flatMap { own in other.map { abs($0 / own) } }
      return (part.file, part.asset.index, ratio ?? Double(part.file.grid.width) / Double(grid.width))
    }
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

extension SceneSource {
  /// Says that clouds are mapped where a product has no mask that hides them.
  func maskNotes(_ masking: Masking) -> [String] {
    guard case .product = masking.origin, masks.isEmpty, let product, product.backscatter == nil,
      !product.isAerial
    else {
      return []
    }
    return ["\(fileName): no mask in the product: its clouds are mapped ('mask: none' says that it is meant)"]
  }
}
