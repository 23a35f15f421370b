import ChangeDetection
import Rasters
import Scenes

/// Two dates that were opened as one scene.
package struct SceneDates: ImagePair {
  package let scene: Scene

  package init(scene: Scene) {
    self.scene = scene
  }
  /// Bands of either date.
  package var bandCount: Int { scene.bandCount / 2 }
  package var width: Int { scene.grid.width }
  package var height: Int { scene.grid.height }

  package func read(rows: Range<Int>) throws -> PairBlock {
    let block = try scene.read(Window(column: 0, row: rows.lowerBound, width: width, height: rows.count))
    let dates = block.dates(ofBands: bandCount)
    return PairBlock(before: dates[0].values, after: dates[1].values, observed: block.valid)
  }
}
