import Chips
import Classes
import Rasters
import Scenes

/// The labels of a scene as training will find them: the chips that they fill, and how they can be split.
struct LabelledGround {
  /// Labelled pixels of each class.
  let counts: [Int]
  private let region: LabelledRegion
  /// Pixels of the scene that one of the region is wide: more than 1 where the labels lie too far apart to be
  /// looked at pixel by pixel.
  private let coarseness: Int

  /// The most pixels of the box around the labels that are looked at.
  private static let mostPixels = 1 << 24
  /// Pixels around the labels that chips may reach into.
  private static let margin = 128

  /// Reads the labels on a scene's grid.
  ///
  /// - Throws: what reading throws.
  init(_ labels: Labels) throws(RasterError) {
    counts = try labels.survey().pixels
    let grid = labels.grid
    let bounds = try labels.bounds() ?? grid.bounds
    let window = bounds.grown(by: Self.margin).intersection(grid.bounds)!
    var coarseness = 1
    while window.pixelCount / (coarseness * coarseness) > Self.mostPixels { coarseness *= 2 }
    let (width, height) = (max(1, window.width / coarseness), max(1, window.height / coarseness))
    var indices: [UInt8] = []
    indices.reserveCapacity(width * height)
    for row in 0..<height {
      let line = try labels.read(
        Window(column: window.column, row: window.row + row * coarseness, width: window.width, height: 1))
      for column in 0..<width { indices.append(line[column * coarseness]) }
    }
    let pixels = PixelBlock(
      width: width, height: height, bandCount: 0, values: [],
      valid: [Bool](repeating: true, count: width * height))
    region = LabelledRegion(
      window: Window(column: 0, row: 0, width: width, height: height), pixels: pixels, labels: indices,
      ground: Ground(named: "labels"))
    self.coarseness = coarseness
  }

  /// Returns the number of chips of a size that hold labels.
  func chips(size: Int, stride: Int) -> Int {
    region.chips(size: max(1, size / coarseness), stride: max(1, stride / coarseness)).count
  }

  /// The share of the box around the labels that is labelled, of 1.
  var density: Double {
    Double(region.labels.count { $0 != ClassIndex.none }) / Double(max(1, region.labels.count))
  }

  /// The classes that each fold of a split leaves to train on, and that it holds out; nil where the labels
  /// cannot be split so.
  func folds(of rule: Split.Rule, buffer: Int, seed: UInt64) -> [(training: Set<UInt8>, heldOut: Set<UInt8>)]?
  {
    guard
      let split = try? Split(
        [region], by: scaled(rule), classes: counts.count, buffer: buffer / coarseness, seed: seed)
    else { return nil }
    var folds: [(training: Set<UInt8>, heldOut: Set<UInt8>)] = []
    for index in 0..<split.count {
      guard let fold = try? split.fold(index) else { return nil }
      folds.append((Self.classes(fold.training), Self.classes(fold.heldOut)))
    }
    return folds
  }

  private func scaled(_ rule: Split.Rule) -> Split.Rule {
    guard case .blocks(let side, let folds) = rule else { return rule }
    return .blocks(side: max(1, side / coarseness), folds: folds)
  }

  private static func classes(_ regions: [LabelledRegion]) -> Set<UInt8> {
    Set(regions.flatMap { Set($0.labels) }).subtracting([ClassIndex.none])
  }
}
