import CGDAL
import Host

/// A raster file's description and rough statistics, as `terrane inspect FILE` shows them.
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

    fileprivate init(_ band: RasterBand, _ seen: Statistics, of pixels: Int) {
      self.band = band
      validShare = Double(seen.count) / Double(max(1, pixels))
      minimum = seen.count > 0 ? seen.low : nil
      maximum = seen.count > 0 ? seen.high : nil
      mean = seen.count > 0 ? seen.sum / Double(seen.count) : nil
    }
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
    let sampled = Self.sample(of: file)
    self.path = path
    self.grid = grid
    driverName = file.driverName
    metadata = file.metadata
    let seen = sampled.reduce(0) { $0 + $1.pixelCount }
    sampledShare = Double(seen) / Double(grid.width * grid.height)
    var statistics = [Statistics](repeating: Statistics(), count: file.bands.count)
    // Window by window: bands that share blocks are decoded once.
    for window in sampled {
      for band in file.bands { statistics[band.index - 1].add(try file.read(window, band: band.index)) }
    }
    bands = zip(file.bands, statistics).map { Band($0, $1, of: seen) }
  }

  /// Returns the windows to take a sample from: runs of whole rows of blocks, spread evenly, because single
  /// rows would decode every block for little; where one row of blocks is much already, the blocks in the
  /// middle of one.
  private static func sample(of file: RasterFile) -> [Window] {
    let (grid, block) = (file.grid, file.bands[0].blockSize)
    let height = max(1, block.height)
    // Of files with hundreds of bands fewer pixels, so that all bands together are no more.
    let size = max(1, min(sampleSize, 64 * sampleSize / file.bands.count))
    let strips = (grid.height + height - 1) / height
    let wanted = max(1, size / max(1, grid.width * height))
    let step = max(1, strips / wanted)
    let rows = stride(from: min(step / 2, strips - 1), to: strips, by: step)
    let windows = rows.map { strip in
      Window(
        column: 0, row: strip * height, width: grid.width, height: min(height, grid.height - strip * height))
    }
    guard let first = windows.first, windows.count == 1, first.pixelCount > largestSample else {
      return windows
    }
    let blocks = size / height / block.width * block.width
    let across = min(grid.width, max(blocks, min(block.width, max(1, largestSample / height))))
    let left = max(0, (grid.width - across) / 2 / block.width * block.width)
    return [Window(column: left, row: first.row, width: min(across, grid.width - left), height: first.height)]
  }

  /// Pixels of one row of blocks that are looked at together, at most.
  private static let largestSample = 16 << 20

  fileprivate struct Statistics {
    package var (low, high, sum, count) = (Double.infinity, -Double.infinity, 0.0, 0)

    package mutating func add(_ values: [Float]) {
      for value in values where !value.isNaN {
        low = min(low, Double(value))
        high = max(high, Double(value))
        sum += Double(value)
        count += 1
      }
    }
  }

  /// Characters of a tag's value that are shown.
  private static let longestValue = 4_000

  /// Several lines of text, for people.
  public var description: String {
    let opacity = bands.filter(\.band.isAlpha).map { "band \($0.band.index)" }
    let alpha = opacity.isEmpty ? "" : " (\(opacity.joined(separator: ", ")) marked as alpha)"
    var lines = [
      "\(path.visibleLine): \(driverName), \(grid.width) x \(grid.height) pixels, \(bands.count) bands\(alpha)"
    ]
    lines.append("  system   \(grid.crs.map { "\($0.name) (\($0))".visibleLine } ?? "none")")
    lines.append("  position \(grid.transform.map(Self.text) ?? grid.geolocation?.description ?? "none")")
    if sampledShare < 1 {
      lines.append("  values   from \((sampledShare * 100).rounded(toPlaces: 1)) % of the pixels")
    }
    for entry in bands { lines.append("  " + Self.text(entry)) }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "  \(name.shortened(to: 200).visibleLine) = \(value.shortened(to: Self.longestValue).visibleLine)")
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ transform: GeoTransform) -> String {
    let size = "pixel \(transform.columnX) x \(transform.rowY)"
    let origin = "origin \(transform.originX), \(transform.originY)"
    return transform.isNorthUp ? "\(origin), \(size)" : "\(transform.coefficients) (not north-up)"
  }

  private static func text(_ entry: Band) -> String {
    let band = entry.band
    var parts = [
      "band \(band.index)", band.description?.shortened(to: 200).visibleLine ?? "(no name)", band.dataType,
    ]
    if band.hasOwnScaling { parts.append("x \(band.scale) + \(band.offset)") }
    if let unit = band.unit { parts.append(unit.shortened(to: 200).visibleLine) }
    if band.isAlpha { parts.append("alpha") }
    parts.append("no data \(band.noData.map { "\($0)" } ?? "none")")
    if let text = band.unusableNoData {
      parts.append("(its tag \(text.visibleLine) is no value of \(band.dataType) and means nothing)")
    }
    parts.append("valid \((entry.validShare * 100).rounded(toPlaces: 1)) %")
    if let low = entry.minimum, let high = entry.maximum, let mean = entry.mean {
      parts.append(
        "min \(low.rounded(toPlaces: 4)) mean \(mean.rounded(toPlaces: 4)) max \(high.rounded(toPlaces: 4))")
    }
    return parts.joined(separator: "  ")
  }
}
