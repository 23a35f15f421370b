import CGDAL

/// Writes a tiled, compressed GeoTIFF window by window.
///
/// Windows may come in any order and have no pixel in common; windows that end on tile edges (``tileSize``)
/// are written once, others are read back and compressed again. Nothing is certain to be on disk before
/// ``close()`` has returned.
public final class RasterWriter {
  /// The side of a tile in pixels.
  public static let tileSize = 256

  /// The metadata that is written beside the pixels; validated when the file is created.
  public struct Options: Sendable, Hashable {
    /// The type of the pixels.
    public var type: PixelType
    /// One name a band; also sets the number of bands.
    public var bandNames: [String]
    /// The stored value that means "no data".
    public var noData: Double?
    /// Palette and names for a class raster of bytes.
    public var legend: Legend?
    /// The physical value of one stored step. It is a tag for readers: the pixels are written as given.
    public var scale: Double?
    /// The physical value of a stored zero.
    public var offset: Double?
    /// The unit of the physical values.
    public var unit: String?
    /// The side of a tile in pixels, a multiple of 16; a raster smaller than a tile takes the space of one.
    public var tileSize: Int
    /// The effort of DEFLATE, 1 to 9; 1 for what is read once and thrown away.
    public var compression: Int
    /// Tags of the file; no clock time belongs here, or the same input would not give the same bytes.
    public var metadata: [String: String]

    /// Options for one or more bands.
    public init(
      type: PixelType, bandNames: [String], noData: Double? = nil, legend: Legend? = nil,
      scale: Double? = nil, offset: Double? = nil, unit: String? = nil,
      tileSize: Int = RasterWriter.tileSize, compression: Int = 6,
      metadata: [String: String] = [:]
    ) {
      self.type = type
      self.bandNames = bandNames
      self.noData = noData
      self.legend = legend
      self.scale = scale
      self.offset = offset
      self.unit = unit
      self.tileSize = tileSize
      self.compression = compression
      self.metadata = metadata
    }
  }

  /// The file that is written.
  public let path: String
  /// The grid of the raster.
  public let grid: Grid
  private let dataset: Dataset
  private let type: PixelType
  private var written: [WrittenWindow] = []

  /// Creates the file, replacing one that is there.
  ///
  /// - Throws: `cannotCreate`, `diskFull` or `inputOutput` naming the path.
  public init(path: String, grid: Grid, options: Options) throws(RasterError) {
    precondition(!options.bandNames.isEmpty, "a raster without bands")
    precondition(
      options.legend == nil || (options.type == .byte && options.bandNames.count == 1),
      "a legend on \(options.bandNames.count) bands of \(options.type)")
    GDALLibrary.start()
    try InputPath.refuseVirtual(path, to: "create the raster")
    self.path = path
    self.grid = grid
    type = options.type
    let creation = [
      "TILED=YES", "BLOCKXSIZE=\(options.tileSize)", "BLOCKYSIZE=\(options.tileSize)", "COMPRESS=DEFLATE",
      "ZLEVEL=\(options.compression)",
      "PREDICTOR=\(options.legend == nil ? options.type.predictor : 1)", "BIGTIFF=IF_SAFER",
      "INTERLEAVE=BAND",
      // Tiles that nothing is written to stay absent and read as no data: an abandoned file costs nothing.
      // What is written is read back, because a tile whose entry could not be written is absent as well.
      "NUM_THREADS=1", "SPARSE_OK=TRUE",
    ]
    WatchedFiles.forget(path)
    let handle = try GDALErrors.attempt("create the raster of \(grid)", path: path, code: .cannotCreate) {
      StringList.with(creation) { list in
        GDALCreate(
          GDALGetDriverByName("GTiff"), WatchedFiles.name(of: path), Int32(grid.width), Int32(grid.height),
          Int32(options.bandNames.count), options.type.gdalType, list.mutable)
      }
    }
    dataset = Dataset(adopting: handle, path: path)
    try dataset.setGrid(grid)
    try describe(options)
  }

  /// Writes pixels as they are given.
  ///
  /// - Parameters:
  ///   - window: must lie within the grid.
  ///   - band: from 1.
  ///   - values: `[H, W]`; GDAL clamps what the file's type cannot hold.
  /// - Throws: `diskFull` or `inputOutput` naming the path and the window.
  public func write<Element: RasterElement>(_ window: Window, band: Int = 1, _ values: [Element])
    throws(RasterError)
  {
    precondition(grid.bounds.contains(window), "\(window) outside \(grid)")
    precondition(values.count == window.pixelCount, "\(values.count) values for \(window)")
    guard !window.isEmpty else { return }
    let handle = dataset.band(band)
    try GDALErrors.attempt("write band \(band), \(window)", path: path, code: .inputOutput, strict: true) {
      values.withUnsafeBytes { bytes in
        // GDAL's signature has no const: a write does not change the buffer.
        GDALRasterIO(
          handle, GF_Write, Int32(window.column), Int32(window.row), Int32(window.width),
          Int32(window.height),
          UnsafeMutableRawPointer(mutating: bytes.baseAddress), Int32(window.width), Int32(window.height),
          Element.gdalType, 0, 0) == CE_None ? () : nil
      }
    }
    written.append(WrittenWindow(window, band: band, values, in: type))
  }

  /// Flushes and closes the file, then opens it again, holds every window against the checksum of what was
  /// written to it and compares its grid.
  ///
  /// - Throws: `diskFull`, `inputOutput` or `notVerified` naming the path.
  public func close() throws(RasterError) {
    try dataset.close(attempted: "finish the raster")
    try RasterFile.verifying(path) { file throws(RasterError) in
      for window in written { try window.check(in: file) }
    }
    try RasterFile.verify(path, liesOn: grid)
  }

  private func describe(_ options: Options) throws(RasterError) {
    try GDALErrors.attempt("describe the raster", path: path, code: .cannotCreate, strict: true) {
      let object = GDALMajorObjectH(dataset.handle.rawValue)
      let metadata = options.metadata.merging(options.legend?.metadata ?? [:]) { own, _ in own }
      for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
        GDALSetMetadataItem(object, name, value, nil)
      }
      for (index, name) in options.bandNames.enumerated() {
        let band = dataset.band(index + 1)
        GDALSetDescription(GDALMajorObjectH(band.rawValue), name)
        if let noData = options.noData { GDALSetRasterNoDataValue(band, noData) }
        if let scale = options.scale { GDALSetRasterScale(band, scale) }
        if let offset = options.offset { GDALSetRasterOffset(band, offset) }
        if let unit = options.unit { GDALSetRasterUnitType(band, unit) }
      }
      if let legend = options.legend { Palette.set(legend, on: dataset.band(1)) }
      return Optional(())
    }
  }
}

@available(*, unavailable)
extension RasterWriter: Sendable {}

/// The colour table of a band of bytes.
enum Palette {
  /// Sets the legend's colours; the no-data value is transparent, values without a class are black.
  static func set(_ legend: Legend, on band: GDALRasterBandH) {
    let table = GDALCreateColorTable(GPI_RGB)
    defer { GDALDestroyColorTable(table) }
    for entry in legend.entries {
      var color = GDALColorEntry(
        c1: Int16(entry.color.red), c2: Int16(entry.color.green), c3: Int16(entry.color.blue), c4: 255)
      GDALSetColorEntry(table, Int32(entry.value), &color)
    }
    if !legend.entries.contains(where: { $0.value == legend.noData }) {
      var clear = GDALColorEntry(c1: 0, c2: 0, c3: 0, c4: 0)
      GDALSetColorEntry(table, Int32(legend.noData), &clear)
    }
    GDALSetRasterColorTable(band, table)
  }
}
