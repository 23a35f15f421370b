import ChangeDetection
import Rasters

/// Two dates that were opened as one scene.
struct SceneDates: ImagePair {
  let scene: Scene
  /// Bands of either date.
  var bandCount: Int { scene.bandCount / 2 }
  var width: Int { scene.grid.width }
  var height: Int { scene.grid.height }

  func read(rows: Range<Int>) throws -> PairBlock {
    let block = try scene.read(Window(column: 0, row: rows.lowerBound, width: width, height: rows.count))
    let dates = block.dates(ofBands: bandCount)
    return PairBlock(before: dates[0].values, after: dates[1].values, observed: block.valid)
  }
}
