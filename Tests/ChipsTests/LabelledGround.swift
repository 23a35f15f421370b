import Chips
import Classes
import Numerics
import Rasters
import Scenes
import Tensors

/// Labels on a ground without coordinates, of pixels that all are valid.
func region(on ground: String, _ window: Window, _ labels: [UInt8]) -> LabelledRegion {
  LabelledRegion(
    window: window,
    pixels: PixelBlock(
      width: window.width, height: window.height, bandCount: 1,
      values: [Float](repeating: 0, count: window.pixelCount),
      valid: [Bool](repeating: true, count: window.pixelCount)),
    labels: labels, ground: Ground(named: ground))
}

/// Rectangles of labels of one class each, somewhere on a window.
func scatteredRegion(on ground: String, _ window: Window, classes: Int, patches: Int, seed: UInt64)
  -> LabelledRegion
{
  var random = RandomSource(seed: seed, stream: "scattered")
  var labels = [UInt8](repeating: ClassIndex.none, count: window.pixelCount)
  for _ in 0..<patches {
    // Low classes are the common ones.
    let label = UInt8(min(random.index(below: classes), random.index(below: classes)))
    let (column, row) = (random.index(below: window.width - 9), random.index(below: window.height - 9))
    for y in row..<row + 1 + random.index(below: 9) {
      for x in column..<column + 1 + random.index(below: 9) { labels[y * window.width + x] = label }
    }
  }
  return region(on: ground, window, labels)
}

/// Three scenes with labels: two of one ground that overlap, one elsewhere.
func scatteredScenes(seed: UInt64) -> [LabelledRegion] {
  [
    scatteredRegion(
      on: "here", Window(column: 7, row: 0, width: 80, height: 61), classes: 4, patches: 9, seed: seed),
    scatteredRegion(
      on: "here", Window(column: 41, row: 13, width: 66, height: 70), classes: 4, patches: 8, seed: seed + 100
    ),
    scatteredRegion(
      on: "there", Window(column: 0, row: 30, width: 75, height: 50), classes: 4, patches: 8, seed: seed + 200
    ),
  ]
}

/// A labelled pixel of a region on a ground without coordinates.
struct LabelledPixel: Hashable {
  let column, row: Int

  func distance(to other: LabelledPixel) -> Int { max(abs(column - other.column), abs(row - other.row)) }

  /// All of a region.
  static func all(of region: LabelledRegion) -> [LabelledPixel] {
    let window = region.window
    return region.labels.indices.filter { region.labels[$0] != ClassIndex.none }.map {
      LabelledPixel(column: window.column + $0 % window.width, row: window.row + $0 / window.width)
    }
  }
}

/// The least chessboard distance between labels of two lists of ``scatteredScenes(seed:)``, by trying every
/// pair.
func leastDistance(_ first: [LabelledRegion], _ second: [LabelledRegion]) -> Int {
  func pixels(_ regions: ArraySlice<LabelledRegion>) -> Set<LabelledPixel> {
    Set(regions.flatMap(LabelledPixel.all))
  }
  return [0..<2, 2..<3].map { ground in
    let others = pixels(second[ground])
    return pixels(first[ground]).reduce(Int.max) { least, pixel in
      others.reduce(least) { min($0, pixel.distance(to: $1)) }
    }
  }.min()!
}
