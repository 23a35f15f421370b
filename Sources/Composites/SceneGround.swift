import Foundation
import Rasters
import Scenes

/// The ground that a scene shows, as the names of products or places on the map say it.
package enum SceneGround {
  /// Returns the name of the ground that begins at the upper left corner of a grid, in whole units of its
  /// map: `E600000N5200000`; of a picture without a place `picture`.
  package static func name(of grid: Grid) -> String {
    guard let transform = grid.transform else { return "picture" }
    let decimals = grid.crs?.isGeographic == true ? 4 : 0
    func text(_ value: Double, _ positive: String, _ negative: String) -> String {
      (value < 0 ? negative : positive) + String(format: "%.\(decimals)f", abs(value))
    }
    return text(transform.originX, "E", "W") + text(transform.originY, "N", "S")
  }
}
