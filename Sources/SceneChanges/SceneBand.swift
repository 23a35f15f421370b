import ChangeDetection
import Rasters
import Scenes

/// Reads a window of a scene on the grid of a series.
package typealias WindowReading = (Window) throws -> PixelBlock

/// A band of a scene as intensities, NaN where it is not valid.
package struct SceneBand: PlaneSource {
  package let width, height: Int
  package let band: Int
  package let unit: BackscatterUnit
  package let read: WindowReading

  package init(width: Int, height: Int, band: Int, unit: BackscatterUnit, read: @escaping WindowReading) {
    (self.width, self.height, self.band) = (width, height, band)
    (self.unit, self.read) = (unit, read)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    let block = try read(Window(column: 0, row: rows.lowerBound, width: width, height: rows.count))
    let first = band * block.valid.count
    return Plane(
      width: width,
      values: block.valid.indices.map { block.valid[$0] ? unit.intensity(block.values[first + $0]) : .nan })
  }
}

extension ResampledScene {
  /// Returns the reading of a scene on a grid: as it is where it lies on it, else resampled.
  package static func reading(of scene: Scene, on grid: Grid) throws -> WindowReading {
    if let difference = grid.differenceOfPlace(from: scene.grid) {
      throw RasterError(
        .gridMismatch, "bring the date to the first one's grid", path: scene.source.path, cause: difference)
    }
    guard !scene.grid.isSame(as: grid) else { return scene.read }
    return try ResampledScene(scene, on: grid, kernel: .bilinear).read
  }
}
