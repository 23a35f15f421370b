import Layers
import Rasters
import Scenes

/// The part of a scene that training reads, held in memory: normalisable pixels, their validity, their labels.
///
/// The part is the labels' bounding box with a margin of a chip, or the whole scene where there are no labels.
public struct LabelledRegion: Sendable {
  /// Where the region lies in its scene.
  public let window: Window
  /// Physical values, `[C, H, W]`; shared by copies of the region with other labels.
  public let pixels: PixelBlock
  /// Class index of each pixel, ``ignored`` where unlabelled or invalid.
  public var labels: [UInt8]
  /// The ground that the scene's pixels show.
  public let ground: Ground
  /// What is known of the region besides; nil where nothing is.
  package var annotations: (any Annotations)?

  /// Regions above this are refused: training data are held in memory.
  public static let largestBytes = 6 << 30

  /// A region of known content.
  public init(window: Window, pixels: PixelBlock, labels: [UInt8], ground: Ground) {
    precondition(labels.count == window.pixelCount && pixels.valid.count == labels.count, "sizes differ")
    (self.window, self.pixels, self.ground) = (window, pixels, ground)
    self.labels = zip(labels, pixels.valid).map { $1 ? $0 : ignored }
  }

  /// Gives the region other labels, row by row; pixels without data stay unlabelled.
  package mutating func relabel(_ labels: [UInt8]) {
    self.labels = zip(labels, pixels.valid).map { $1 ? $0 : ignored }
  }

  /// The region with its pixels mapped, as those of its scene are.
  public func adjusted(by maps: [[BandMap]]) -> LabelledRegion {
    var pixels = pixels
    for step in maps { pixels.adjust(by: step) }
    var region = LabelledRegion(window: window, pixels: pixels, labels: labels, ground: ground)
    region.annotations = annotations
    return region
  }

  /// Reads the labelled part of a scene.
  ///
  /// - Parameters:
  ///   - scene: the scene with the wanted bands.
  ///   - labels: its labels on the scene's grid; nil reads the whole scene unlabelled.
  ///   - margin: pixels around the labels that chips may reach into.
  /// - Throws: `RasterError`; `noLabels` where no label falls on the scene.
  public init(_ scene: Scene, labels: Labels?, margin: Int) throws(RasterError) {
    var window = scene.grid.bounds
    if let labels {
      guard let bounds = try labels.bounds() else {
        throw RasterError(
          .noLabels, "read labels", path: labels.source.path,
          cause: "no labelled pixel of the pipeline's classes falls on \(scene.source.name)")
      }
      window = bounds.grown(by: margin).intersection(scene.grid.bounds)!
    }
    let bytes = window.pixelCount * (scene.bandCount * MemoryLayout<Float>.stride + 2)
    guard bytes <= Self.largestBytes else {
      throw RasterError(
        .tooLarge, "hold training data in memory", path: scene.source.path,
        cause:
          "the labelled part takes \(bytes >> 30) GiB, \(Self.largestBytes >> 30) are allowed; crop the labels"
      )
    }
    let pixels = try scene.read(window)
    let indices = try labels?.read(window) ?? Array(repeating: ignored, count: window.pixelCount)
    self.init(window: window, pixels: pixels, labels: indices, ground: Ground(of: scene))
  }

  /// The chips that cover the region, `stride` apart, which have a labelled pixel (or, with `unlabelled`, are valid in at
  /// least half of their pixels); in the region's own coordinates.
  public func chips(size: Int, stride: Int, unlabelled: Bool = false) -> [Window] {
    let columns = WindowPlan(extent: window.width, size: size, overlap: max(0, size - stride))
    let rows = WindowPlan(extent: window.height, size: size, overlap: max(0, size - stride))
    var result: [Window] = []
    for row in rows.starts {
      for column in columns.starts {
        let chip = Window(column: column, row: row, width: size, height: size)
        let inside = chip.intersection(Window(column: 0, row: 0, width: window.width, height: window.height))!
        let seen = count(in: inside, unlabelled: unlabelled)
        if unlabelled ? 2 * seen >= inside.pixelCount : seen > 0 { result.append(chip) }
      }
    }
    return result
  }

  private func count(in chip: Window, unlabelled: Bool) -> Int {
    chip.rows.reduce(0) { sum, row in
      let line = row * window.width + chip.column..<row * window.width + chip.column + chip.width
      return sum
        + (unlabelled
          ? pixels.valid[line].reduce(0) { $0 + ($1 ? 1 : 0) }
          : labels[line].reduce(0) { $0 + ($1 == ignored ? 0 : 1) })
    }
  }

  /// Labelled pixels of each class.
  public func counts(classes: Int) -> [Int] {
    labels.reduce(into: Array(repeating: 0, count: classes)) { if $1 != ignored { $0[Int($1)] += 1 } }
  }
}
