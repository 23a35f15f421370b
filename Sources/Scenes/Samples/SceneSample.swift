import Rasters

/// Valid pixels from all over a scene, for what is to be known of the scene as a whole.
///
/// Which pixels they are depends on the scene and the limit alone.
public struct SceneSample: Sendable {
  /// The values of each band, all of the same pixels.
  public var bands: [[Float]]

  /// Pixels that a sample has at most unless said otherwise; a sample of 13 bands then takes 26 MiB.
  public static let standardLimit = 1 << 19

  /// The number of pixels.
  public var count: Int { bands.first?.count ?? 0 }

  /// Takes a sample: all valid pixels of a scene that has no more than `limit`, else those in squares that
  /// lie evenly over it.
  ///
  /// A scene with data in few places is looked at more closely, so that the sample is empty only where the
  /// scene is.
  ///
  /// - Throws: what reading throws.
  public init(_ scene: Scene, limit: Int = standardLimit) throws(RasterError) {
    bands = Array(repeating: [], count: scene.bandCount)
    var density = limit
    while true {
      let windows = Self.windows(on: scene.grid, limit: density)
      for window in windows { try add(scene.read(window)) }
      let isWhole = scene.grid.bounds.pixelCount <= density
      if isWhole || count >= limit / 64 { return }
      bands = Array(repeating: [], count: scene.bandCount)
      density = density.multipliedReportingOverflow(by: 16).overflow ? .max : density * 16
    }
  }

  /// Maps all values.
  public mutating func adjust(by maps: [BandMap]) {
    for (band, map) in maps.enumerated() { bands[band] = bands[band].map { map($0) } }
  }

  private mutating func add(_ block: PixelBlock) {
    let pixels = block.width * block.height
    for band in bands.indices {
      for pixel in 0..<pixels where block.valid[pixel] {
        bands[band].append(block.values[band * pixels + pixel])
      }
    }
  }

  /// The side of a square: most stored blocks hold some, so that few are decoded for little.
  private static let side = 32

  private static func windows(on grid: Grid, limit: Int) -> [Window] {
    guard grid.bounds.pixelCount > limit else { return grid.bounds.strips(ofHeight: 64) }
    let (width, height) = (min(side, grid.width), min(side, grid.height))
    let count = max(1, limit / (width * height))
    let wanted = (Double(count) * Double(grid.width) / Double(grid.height)).squareRoot()
    let across = min(max(1, Int(wanted.rounded())), grid.width / width, count)
    let down = min(max(1, count / across), grid.height / height)
    return (0..<down).flatMap { row in
      (0..<across).map { column in
        Window(
          column: place(column, of: across, extent: grid.width - width),
          row: place(row, of: down, extent: grid.height - height), width: width, height: height)
      }
    }
  }

  /// Returns the start of square `index` of `count`, from 0 to `extent`.
  private static func place(_ index: Int, of count: Int, extent: Int) -> Int {
    count == 1 ? extent / 2 : index * extent / (count - 1)
  }
}
