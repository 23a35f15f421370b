import Foundation
import Rasters
import Scenes

/// The ground that a scene shows, as the names of products or places on the map say it.
package enum SceneGround {
  /// Returns the ground that the names of a product say: the tile of Sentinel-2 and HLS (`T32UPU`), path and
  /// row of Landsat (`193026`); nil where they say none.
  package static func name(of scene: SceneSource) -> String? {
    let place = URL(fileURLWithPath: scene.path).standardizedFileURL.pathComponents.suffix(3).reversed()
    return ([scene.name] + place).lazy.compactMap(name(in:)).first
  }

  private static func name(in text: String) -> String? {
    if text.hasPrefix("S2") || text.hasPrefix("HLS.") || text.hasPrefix("T"),
      let match = text.firstMatch(of: /(?:^|[._])(T[0-9]{2}[A-Z]{3})(?=[._]|$)/)
    {
      return String(match.1)
    }
    if text.hasPrefix("L"), let match = text.firstMatch(of: /^L[A-Z]0[4-9]_[A-Z0-9]{4}_([0-9]{6})_[0-9]{8}_/)
    {
      return String(match.1)
    }
    return nil
  }

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
