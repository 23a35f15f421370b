import Classes
import Rasters
import Scenes

/// The part of a scene that training reads: normalisable pixels, their validity, their labels.
///
/// The part is the labels' bounding box with a margin of a chip, or the whole scene where there are no
/// labels.
public struct LabelledRegion: Sendable {
  /// The region's window in its scene.
  public let window: Window
  /// Physical values; shared by copies of the region with other labels.
  public private(set) var pixels: RegionPixels
  /// Class index of each pixel, ``ClassIndex/none`` where unlabelled or invalid.
  public var labels: [UInt8]
  /// The ground that the scene's pixels show.
  public let ground: Ground
  /// The annotations of the region besides; nil where there are none.
  package var annotations: (any Annotations)?

  /// Creates a region of known content.
  public init(window: Window, pixels: RegionPixels, labels: [UInt8], ground: Ground) {
    precondition(
      (pixels.width, pixels.height, labels.count) == (window.width, window.height, window.pixelCount),
      "sizes differ")
    (self.window, self.pixels, self.labels, self.ground) = (window, pixels, labels, ground)
    pixels.mask(&self.labels)
  }

  /// Creates a region of known content that is in memory.
  public init(window: Window, pixels: PixelBlock, labels: [UInt8], ground: Ground) {
    self.init(window: window, pixels: RegionPixels(pixels), labels: labels, ground: ground)
  }

  /// Returns the region with other labels; pixels without data stay unlabelled.
  package func relabelled(_ labels: [UInt8]) -> LabelledRegion {
    var region = self
    region.labels = labels
    pixels.mask(&region.labels)
    return region
  }

  /// Returns the region with its pixels mapped, as those of its scene are.
  public func adjusted(by maps: [[BandMap]]) -> LabelledRegion {
    var region = self
    region.pixels = pixels.adjusted(by: maps)
    return region
  }

  /// Reads the labelled part of a scene.
  ///
  /// - Parameters:
  ///   - scene: the scene with the wanted bands.
  ///   - labels: its labels on the scene's grid; nil reads the whole scene unlabelled.
  ///   - margin: pixels around the labels that chips may reach into.
  ///   - store: what holds the pixels.
  /// - Throws: `RasterError`; `noLabels` where no label falls on the scene.
  public init(_ scene: Scene, labels: Labels?, margin: Int, in store: PixelStore) throws(RasterError) {
    var window = scene.grid.bounds
    if let labels {
      guard let bounds = try labels.bounds() else {
        throw RasterError(
          .noLabels, "read labels", path: labels.source.path,
          cause: "no labelled pixel of the pipeline's classes falls on \(scene.source.name)")
      }
      window = bounds.grown(by: margin).intersection(scene.grid.bounds)!
    }
    let place = window
    let pixels = try RegionPixels(
      width: window.width, height: window.height, bandCount: scene.bandCount, in: store
    ) { part throws(RasterError) in try scene.read(part.offset(columns: place.column, rows: place.row)) }
    (self.window, self.pixels, ground) = (window, pixels, Ground(of: scene))
    self.labels =
      try labels.map { labels throws(RasterError) in try Self.indices(labels, in: window) }
      ?? Array(repeating: ClassIndex.none, count: window.pixelCount)
    pixels.mask(&self.labels)
  }

  /// Labels of a window, read in parts: where labels are read or warped a pixel takes several times the byte
  /// of its index.
  private static func indices(_ labels: Labels, in window: Window) throws(RasterError) -> [UInt8] {
    var indices: [UInt8] = []
    indices.reserveCapacity(window.pixelCount)
    for strip in window.strips(ofHeight: max(1, (4 << 20) / window.width)) {
      indices += try labels.read(strip)
    }
    return indices
  }

  /// Returns the chips that cover the region, `stride` apart, which have a labelled pixel (or, with
  /// `unlabelled`, are valid in at least half of their pixels); in the region's own coordinates.
  public func chips(size: Int, stride: Int, unlabelled: Bool = false) -> [Window] {
    let columns = WindowPlan(extent: window.width, size: size, overlap: max(0, size - stride))
    let rows = WindowPlan(extent: window.height, size: size, overlap: max(0, size - stride))
    var result: [Window] = []
    for row in rows.starts {
      for column in columns.starts {
        let chip = Window(column: column, row: row, width: size, height: size)
        let inside = chip.intersection(pixels.bounds)!
        let seen = count(in: inside, unlabelled: unlabelled)
        if unlabelled ? 2 * seen >= inside.pixelCount : seen > 0 { result.append(chip) }
      }
    }
    return result
  }

  private func count(in chip: Window, unlabelled: Bool) -> Int {
    if unlabelled { return pixels.read(chip).validCount }
    return chip.rows.reduce(0) { sum, row in
      let line = row * window.width + chip.column..<row * window.width + chip.column + chip.width
      return sum + labels[line].reduce(0) { $0 + ($1 == ClassIndex.none ? 0 : 1) }
    }
  }

  /// Labelled pixels of each class.
  public func counts(classes: Int) -> [Int] {
    labels.reduce(into: Array(repeating: 0, count: classes)) { if $1 != ClassIndex.none { $0[Int($1)] += 1 } }
  }
}
