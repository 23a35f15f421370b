import Rasters

/// A scene opened for reading: the wanted bands, aligned on one grid, in physical units.
///
/// A scene belongs to one thread at a time; open it again for another.
public final class Scene {
  /// The files of the scene and their place.
  public let source: SceneSource
  /// The instrument and level.
  public let sensor: Sensor
  /// The grid of all bands: that of the finest one, brought to the resolution that was asked for, or the part
  /// of it.
  public let grid: Grid
  /// The bands in the order of ``PixelBlock/values``, by the names that were asked for.
  public let bandNames: [String]
  let parts: [ScenePart]
  /// What keeps its files on the disk where they were unpacked.
  private let hold: ArchiveHold?
  /// What keeps decoded blocks that take long to decode; nil where none do.
  private let blockCache: BlockCacheShare?
  /// The grid's first pixel, on the grid of the finest band.
  private let origin: (column: Int, row: Int)
  /// The physical value that a stored 0 becomes, for bands where all zeros mean "no data".
  let zeroValues: [Float]?
  /// The mixtures by which the bands are made of those that are read; nil where they are the same.
  private let mixtures: [BandMixture]?
  /// The grid of all bands of which the scene may be a part.
  private let wholeGrid: Grid
  /// The mask that hides pixels; nil where there is none.
  private let mask: SceneMask?
  /// The number of bands that are read.
  private var readCount: Int { parts.reduce(0) { $0 + $1.indices.count } }
  /// The statements of its files that count for nothing, a sentence each.
  public let notes: [String]
  /// The scenes of two dates, where this is both.
  private let dates: (before: Scene, after: Scene, resampled: ResampledScene?)?
  /// Maps of all bands' values, applied in order.
  private var adjustments: [[BandMap]] = []

  /// The number of bands.
  public var bandCount: Int { bandNames.count }

  /// The blocks that its files store it in. Reading a part of a block costs as much as reading all of it,
  /// unless it is still in GDAL's cache.
  public var blocks: StoredBlocks {
    let masks = [mask, dates?.before.mask, dates?.after.mask].compactMap(\.self)
    return StoredBlocks(parts, masks: masks.flatMap { $0.blocks(under: wholeGrid) })
  }

  /// The storage of each band that is read, in the files.
  public var storedBands: [StoredBand] {
    parts.flatMap { part in part.indices.map { StoredBand(part.file.bands[$0 - 1], of: part.file) } }
  }

  /// The names that the files give to their bands, those that are not read as well; none where a band has no
  /// name.
  public var describedBands: [String] {
    let names = parts.flatMap { $0.file.measuredBands.map(\.description) }
    return names.contains { $0 == nil } ? [] : names.compactMap(\.self)
  }

  /// Opens a scene.
  ///
  /// - Parameters:
  ///   - bands: names, in any spelling that the sensor knows.
  ///   - bandOrder: what all bands of a multi-band file are; wins over its descriptions.
  ///   - numbers: the user's statement about stored numbers; wins over all others.
  ///   - mixtures: how the scene's bands are made of `bands`; those are the bands where nil.
  ///   - resolution: metres of a pixel that the scene is brought to; the finest band's where nil.
  ///   - within: the part of that grid that the scene is; all of it where nil.
  ///   - masking: which pixels are left out besides those without data.
  /// - Throws: the refusal of a source that has one; `unsupported` for a product of another sensor or level;
  ///   `missingBand` listing what there is and what is wanted;
  ///   `gridMismatch` naming both files, or a scene whose pixels have no size in metres; what
  ///   `RasterFile.init` throws.
  public convenience init(
    _ source: SceneSource, sensor: Sensor, bands: [String], bandOrder: [String]? = nil,
    numbers: WrittenNumbers? = nil, mixtures: [BandMixture]? = nil, resolution: Double? = nil,
    within part: Window? = nil,
    masking: Masking = .product
  ) throws(RasterError) {
    do throws(RasterError) {
      try self.init(
        opening: source, sensor: sensor, bands: bands, bandOrder: bandOrder, numbers: numbers,
        mixtures: mixtures,
        resolution: resolution, within: part, masking: masking)
    } catch {
      throw source.archive?.named(error) ?? error
    }
  }

  private init(
    opening source: SceneSource, sensor: Sensor, bands: [String], bandOrder: [String]?,
    numbers: WrittenNumbers?, mixtures: [BandMixture]?, resolution: Double?, within part: Window?,
    masking: Masking
  ) throws(RasterError) {
    precondition(!bands.isEmpty, "a scene of no bands")
    if let refusal = source.refusal { throw refusal }
    hold = source.hold
    if let product = source.product, !product.isRead(by: sensor) {
      throw RasterError(
        .unsupported, "read the scene as \(sensor.name)", path: source.path,
        cause: "it is \(product.wordsWithReader) ('\(Sensor.customName)' takes its numbers as they are)")
    }
    let selection = BandSelection(sensor: sensor, wanted: bands, bandOrder: bandOrder)
    let members: [(file: RasterFile, indices: [Int])]
    var honoursAlpha = true
    var alphaNote: String?
    // An image of a product is named for its band, alone as among others, unless the user names it.
    let isNamed = bandOrder == nil && source.bands.contains { $0.file == source.files.first }
    if source.files.count == 1, !isNamed {
      let file = try source.raster(at: source.files[0])
      members = [(file, try selection.indices(in: file))]
      honoursAlpha = !selection.candidates(in: file).contains(where: \.isAlpha)
      alphaNote = selection.alphaNote(file)
    } else {
      members = try selection.members(in: source)
      honoursAlpha = !selection.takesAlpha(of: members.map(\.file), in: source)
    }
    let finest = members.map(\.file).max { $0.grid.width * $0.grid.height < $1.grid.width * $1.grid.height }!
    self.source = source
    self.sensor = sensor
    let whole = try resolution.flatMap { metres throws(RasterError) in
      try finest.grid.resampled(to: metres, path: source.path)
    }
    wholeGrid = whole?.grid ?? finest.grid
    precondition(part.map(wholeGrid.bounds.contains) ?? true, "\(part!) is not within \(wholeGrid)")
    grid = part.map(wholeGrid.forWindow) ?? wholeGrid
    origin = (part?.column ?? 0, part?.row ?? 0)
    self.mixtures = mixtures
    bandNames =
      mixtures?.map { $0.share == 0 ? bands[$0.first] : bands[$0.first] + "-" + bands[$0.second] } ?? bands
    let radiometry = try SceneRadiometry(sensor: sensor, source: source, written: numbers)
    parts = try members.map { member throws(RasterError) in
      try ScenePart(
        member.file, indices: member.indices, on: finest, ratio: whole?.ratio,
        decodings: member.indices.map { index throws(RasterError) in
          try radiometry.decoding(of: member.file.bands[index - 1], in: member.file)
        },
        honoursAlpha: honoursAlpha)
    }
    dates = nil
    blockCache =
      parts.contains { $0.file.decodesSlowly }
      ? BlockCacheShare(StoredBlocks(parts, masks: []).bytes(across: wholeGrid.width)) : nil
    mask = try SceneMask(of: source, masking, bands: bands.map(selection.productName), under: finest)
    let decodings = parts.flatMap(\.decodings)
    let namesNoData = decodings.allSatisfy { $0.noData != nil }
    zeroValues = sensor.noData == 0 && !namesNoData ? decodings.map { Float($0.offset) } : nil
    let said = SceneNotes(parts, knowsFill: zeroValues != nil || (sensor.noData ?? 0) != 0).sentences
    let isConverted = decodings.contains { $0.decibelsPerDecade != nil }
    notes =
      said + (source.delivery?.notes ?? []).map { "\(source.fileName): \($0)" }
      + [alphaNote].compactMap(\.self) + (mask == nil ? source.maskNotes(masking) : [])
      + (source.delivery?.incompleteness().map { ["\(source.fileName): \($0)"] } ?? [])
      + (isConverted ? ["\(source.fileName): \(source.product?.words ?? ""), brought to decibels"] : [])
  }

  /// Creates the scenes of two dates as one, on the grid of the earlier one: its bands, then those of the
  /// later one, brought to that grid bilinearly where it lies on another. A pixel is valid where both dates
  /// are.
  ///
  /// - Parameter within: the part of the grid that the scene is; all of it where nil.
  /// - Throws: `gridMismatch` naming the later scene, where it cannot be brought to the grid, or where
  ///   neither has a position and the places that they state differ.
  public init(before: Scene, after: Scene, within part: Window? = nil) throws(RasterError) {
    if let difference = before.grid.differenceOfPlace(from: after.grid) {
      throw RasterError(
        .gridMismatch, "lay the dates on each other", path: after.source.path, cause: difference)
    }
    let isOnGrid = after.grid.isSame(as: before.grid)
    (hold, blockCache) = (nil, nil)
    (source, sensor, grid) = (after.source, after.sensor, part.map(before.grid.forWindow) ?? before.grid)
    bandNames = before.bandNames.map { "before \($0)" } + after.bandNames.map { "after \($0)" }
    parts = before.parts + after.parts
    (zeroValues, mixtures, mask) = (nil, nil, nil)
    wholeGrid = before.wholeGrid
    notes = before.notes + after.notes
    origin = (part?.column ?? 0, part?.row ?? 0)
    dates = (
      before, after, isOnGrid ? nil : try ResampledScene(after, on: before.grid, kernel: .bilinear)
    )
  }

  /// The interpolation by which the later of two dates comes to the grid of the earlier one; nil where it
  /// lies on it.
  public var resampling: ResampledScene.Kernel? { dates?.resampled?.kernel }

  /// Maps all values that are read from now on, after what they have been mapped by so far.
  public func adjust(by maps: [BandMap]) {
    precondition(maps.count == bandCount, "\(maps.count) maps for \(bandCount) bands")
    adjustments.append(maps)
  }

  /// Reads a window, which may reach beyond the scene.
  ///
  /// A pixel is valid when every band is: not the file's no-data value, or else the sensor's; finite; neither
  /// masked nor transparent; within the raster. Invalid pixels are 0. Where a file has pixels of another
  /// size, values are mixed from its valid ones alone, and a pixel is valid where at least half of its area
  /// lies on such.
  ///
  /// - Throws: `unreadable` or `inputOutput` naming the file, the bands and the window.
  public func read(_ window: Window) throws(RasterError) -> PixelBlock {
    guard let inside = window.intersection(grid.bounds) else {
      return PixelBlock(invalid: window, bandCount: bandCount)
    }
    let block: PixelBlock
    do throws(RasterError) { block = try readInside(inside) } catch {
      throw source.archive?.named(error) ?? error
    }
    return inside == window ? block : block.padded(from: inside, to: window)
  }

  private func readInside(_ part: Window) throws(RasterError) -> PixelBlock {
    var block: PixelBlock
    if let dates {
      let window = part.offset(columns: origin.column, rows: origin.row)
      let after =
        if let resampled = dates.resampled { try resampled.read(window) } else {
          try dates.after.readInside(window)
        }
      block = PixelBlock(before: try dates.before.readInside(window), after: after)
    } else {
      block = try readOneDate(part)
    }
    for maps in adjustments { block.adjust(by: maps) }
    return block
  }

  private func readOneDate(_ part: Window) throws(RasterError) -> PixelBlock {
    let window = part.offset(columns: origin.column, rows: origin.row)
    let block = parts.allSatisfy { $0.ratio == nil } ? try readStored(window) : try readResampled(window)
    return mixtures.map { block.mixed(by: $0) } ?? block
  }

  /// Stored values that are held at once to be mixed.
  private static let valuesAtOnce = 1 << 22

  /// Reads files of which some have pixels of another size than the scene.
  private func readResampled(_ window: Window) throws(RasterError) -> PixelBlock {
    let beyond = fillReach
    let windows = parts.map { $0.stored(around: window, beyond: beyond) }
    let stored = zip(parts, windows).reduce(0) { $0 + $1.0.indices.count * $1.1.pixelCount }
    guard stored <= Self.valuesAtOnce || window.pixelCount == 1 else {
      var block = PixelBlock(invalid: window, bandCount: readCount)
      for half in window.halves { block.place(try readResampled(half), of: half, in: window) }
      return block
    }
    var files: [StoredPixels] = []
    for (part, window) in zip(parts, windows) { files.append(try StoredPixels(part, window)) }
    if zeroValues != nil { FillPixels(files).hide(in: &files) }
    if let mask { try mask.hide(in: &files) }
    let count = window.pixelCount
    var values = [Float](repeating: 0, count: readCount * count)
    var valid = [Bool](repeating: true, count: count)
    var firstBand = 0
    for file in files {
      let range = firstBand * count..<(firstBand + file.part.indices.count) * count
      try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try file.resample(to: window, into: UnsafeMutableBufferPointer(rebasing: buffer[range])) {
          valid[$0] = false
        }
      }
      firstBand += file.part.indices.count
    }
    try hideMasked(window, &valid)
    invalidate(&valid, values: &values, count: count)
    return PixelBlock(
      width: window.width, height: window.height, bandCount: readCount, values: values, valid: valid)
  }

  /// The distance around a window, in pixels of the scene, within which pixels decide what is fill in the
  /// window.
  private var fillReach: (x: Double, y: Double) {
    guard zeroValues != nil, parts.contains(where: { $0.ratio ?? (1, 1) != parts[0].ratio ?? (1, 1) }) else {
      return (0, 0)
    }
    let (widest, tallest) = (
      parts.map { 1 / ($0.ratio?.x ?? 1) }.max()!, parts.map { 1 / ($0.ratio?.y ?? 1) }.max()!
    )
    return (
      parts.map(\.reach.x).max()! + 2 * max(1, widest), parts.map(\.reach.y).max()! + 2 * max(1, tallest)
    )
  }

  /// Reads files that all have the pixels of the scene.
  private func readStored(_ window: Window) throws(RasterError) -> PixelBlock {
    let count = window.pixelCount
    let readCount = readCount
    var values = [Float](repeating: 0, count: readCount * count)
    var valid = [Bool](repeating: true, count: count)
    var firstBand = 0
    for part in parts {
      let range = firstBand * count..<(firstBand + part.decodings.count) * count
      try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try part.read(window, into: UnsafeMutableBufferPointer(rebasing: buffer[range]))
      }
      try part.readMask(window) { valid[$0] = false }
      firstBand += part.decodings.count
    }
    try hideMasked(window, &valid)
    invalidate(&valid, values: &values, count: count)
    return PixelBlock(
      width: window.width, height: window.height, bandCount: readCount, values: values, valid: valid)
  }

  /// Marks the pixels of a window of the whole grid that the mask hides.
  private func hideMasked(_ window: Window, _ valid: inout [Bool]) throws(RasterError) {
    guard let codes = try mask?.codes(in: window, of: wholeGrid) else { return }
    for pixel in valid.indices where codes[pixel] != 0 { valid[pixel] = false }
  }

  /// Whether a mask hides pixels of the scene, or of one of its dates.
  public var hasMask: Bool { mask != nil || dates.map { $0.before.hasMask || $0.after.hasMask } ?? false }

  /// Returns what the mask hides each pixel of a window for: 0 where it does not, else 1 and the word's place
  /// in ``MaskWords/all``. Of two dates it is what hides the later one, where that does.
  ///
  /// - Parameter window: within the scene.
  public func hiddenWords(in window: Window) throws(RasterError) -> [UInt8] {
    if let dates {
      let own = window.offset(columns: origin.column, rows: origin.row)
      let before = try dates.before.hiddenWords(in: own)
      guard let mask = dates.after.mask, mask.lies(in: grid.crs) else { return before }
      let after = try mask.codes(in: own, of: dates.before.grid)
      return zip(after, before).map { $0 == 0 ? $1 : $0 }
    }
    let own = window.offset(columns: origin.column, rows: origin.row)
    return try mask?.codes(in: own, of: wholeGrid) ?? [UInt8](repeating: 0, count: window.pixelCount)
  }

  /// Marks the pixels that lack a band, and sets every band of an invalid pixel to 0.
  private func invalidate(_ valid: inout [Bool], values: inout [Float], count: Int) {
    valid.withUnsafeMutableBufferPointer { valid in
      values.withUnsafeMutableBufferPointer { values in
        for first in stride(from: 0, to: count, by: Self.run) {
          invalidate(
            valid.baseAddress! + first, values: values.baseAddress! + first, bandStride: count,
            count: min(Self.run, count - first))
        }
      }
    }
  }

  /// Pixels whose bands are looked at together: what is noted of them stays in the nearest cache.
  private static let run = 2048

  private func invalidate(
    _ valid: UnsafeMutablePointer<Bool>, values: UnsafeMutablePointer<Float>, bandStride: Int, count: Int
  ) {
    // Words as wide as the values, for vectors: 4,096 x 4,096 pixels of 13 bands take 0.12 s; two arrays of
    // Bool took 0.78.
    let (isNaN, isMeasured) = (Int32(1), Int32(2))
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { notes in
      notes.initialize(repeating: zeroValues == nil ? isMeasured : 0)
      for band in 0..<readCount {
        let (line, zero) = (values + band * bandStride, zeroValues?[band] ?? 0)
        for pixel in 0..<count {
          notes[pixel] |= (line[pixel].isNaN ? isNaN : 0) | (line[pixel] != zero ? isMeasured : 0)
        }
      }
      var isWhole = true
      for pixel in 0..<count {
        valid[pixel] = valid[pixel] && notes[pixel] == isMeasured
        isWhole = isWhole && valid[pixel]
      }
      guard !isWhole else { return }
      for band in 0..<readCount {
        let line = values + band * bandStride
        for pixel in 0..<count where !valid[pixel] { line[pixel] = 0 }
      }
    }
  }
}

@available(*, unavailable)
extension Scene: Sendable {}
