import Rasters

/// Where the pixels of a scene lie, so that two dates of one place are known to show the same ground.
///
/// A scene without coordinates shows a ground of its own.
public struct Ground: Hashable, Sendable {
  /// The coordinate system; the path of the scene where it has none.
  let system: String
  /// From pixels to coordinates of the system.
  let transform: GeoTransform

  /// The ground of a scene.
  public init(of scene: Scene) {
    if let crs = scene.grid.crs, let transform = scene.grid.transform, transform.inverse != nil {
      self.init(system: crs.authority ?? crs.wkt, transform: transform)
    } else {
      self.init(named: scene.source.path)
    }
  }

  /// A ground without coordinates.
  public init(named name: String) {
    self.init(
      system: name, transform: GeoTransform(originX: 0, columnX: 1, rowX: 0, originY: 0, columnY: 0, rowY: 1))
  }

  private init(system: String, transform: GeoTransform) {
    (self.system, self.transform) = (system, transform)
  }
}
