import CGDAL

/// What a raster file is and roughly what is in it: the answer of `terrane inspect FILE`.
public struct RasterReport: Sendable, Hashable, CustomStringConvertible {
  /// One band and its statistics in physical units.
  public struct Band: Sendable, Hashable {
    /// The band's description.
    public let band: RasterBand
    /// The share of pixels with a value, 0...1, of those that were looked at.
    public let validShare: Double
    /// The smallest value; nil without a valid pixel.
    public let minimum: Double?
    /// The largest value; nil without a valid pixel.
    public let maximum: Double?
    /// The mean value; nil without a valid pixel.
    public let mean: Double?
  }

  /// The path as given.
  public let path: String
  /// GDAL's short name of the format.
  public let driverName: String
  /// Size, position and system.
  public let grid: Grid
  /// The bands in the order of the file.
  public let bands: [Band]
  /// The file's tags.
  public let metadata: [String: String]
  /// The share of the pixels that statistics were taken from, 0...1.
  public let sampledShare: Double

  /// The number of pixels a band that is looked at, at most and about.
  public static let sampleSize = 1 << 20

  /// Opens a file and looks at it, in rows spread evenly over a large one.
  ///
  /// - Throws: what opening and reading throws.
  public init(path: String) throws(RasterError) {
    let file = try RasterFile(path: path)
    let grid = file.grid
    // Whole runs of rows as high as a block: single rows would decode every block for little.
    let height = max(1, file.bands[0].blockSize.height)
    let strips = grid.bounds.strips(ofHeight: height)
    let wanted = max(1, Self.sampleSize / max(1, grid.width * height))
    let step = max(1, strips.count / wanted)
    let sampled = stride(from: min(step / 2, strips.count - 1), to: strips.count, by: step).map { strips[$0] }
    self.path = path
    self.grid = grid
    driverName = file.driverName
    metadata = file.metadata
    let seen = sampled.reduce(0) { $0 + $1.pixelCount }
    sampledShare = Double(seen) / Double(grid.width * grid.height)
    bands = try file.bands.map { band throws(RasterError) in
      try Self.statistics(of: band, in: file, windows: sampled, pixels: seen)
    }
  }

  private static func statistics(of band: RasterBand, in file: RasterFile, windows: [Window], pixels: Int)
    throws(RasterError) -> Band
  {
    var (low, high, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)
    for window in windows {
      for value in try file.read(window, band: band.index) where !value.isNaN {
        low = min(low, Double(value))
        high = max(high, Double(value))
        sum += Double(value)
        count += 1
      }
    }
    return Band(
      band: band, validShare: Double(count) / Double(max(1, pixels)), minimum: count > 0 ? low : nil,
      maximum: count > 0 ? high : nil, mean: count > 0 ? sum / Double(count) : nil)
  }

  /// Several lines of text, for people.
  public var description: String {
    var lines = ["\(path): \(driverName), \(grid.width) x \(grid.height) pixels, \(bands.count) bands"]
    lines.append("  system   \(grid.crs.map { "\($0.name) (\($0))" } ?? "none")")
    lines.append("  position \(grid.transform.map(Self.text) ?? "none")")
    if sampledShare < 1 {
      lines.append("  values   from \((sampledShare * 100).rounded(toPlaces: 1)) % of the pixels")
    }
    for entry in bands { lines.append("  " + Self.text(entry)) }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { lines.append("  \(name) = \(value)") }
    return lines.joined(separator: "\n")
  }

  private static func text(_ transform: GeoTransform) -> String {
    let size = "pixel \(transform.columnX) x \(transform.rowY)"
    let origin = "origin \(transform.originX), \(transform.originY)"
    return transform.isNorthUp ? "\(origin), \(size)" : "\(transform.coefficients) (not north-up)"
  }

  private static func text(_ entry: Band) -> String {
    let band = entry.band
    var parts = ["band \(band.index)", band.description ?? "(no name)", band.dataType]
    if band.hasOwnScaling { parts.append("x \(band.scale) + \(band.offset)") }
    if let unit = band.unit { parts.append(unit) }
    if band.isAlpha { parts.append("alpha") }
    parts.append("no data \(band.noData.map { "\($0)" } ?? "none")")
    parts.append("valid \((entry.validShare * 100).rounded(toPlaces: 1)) %")
    if let low = entry.minimum, let high = entry.maximum, let mean = entry.mean {
      parts.append(
        "min \(low.rounded(toPlaces: 4)) mean \(mean.rounded(toPlaces: 4)) max \(high.rounded(toPlaces: 4))")
    }
    return parts.joined(separator: "  ")
  }
}
