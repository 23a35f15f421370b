import Rasters
import Scenes

/// The position of the pixels of a scene, so that two scenes in one coordinate system are known to show the
/// same ground.
///
/// Two systems are two grounds, even where they overlap, as neighbouring UTM zones do; a scene without
/// coordinates shows a ground of its own.
public struct Ground: Sendable {
  private let crs: CRS?
  private let name: String
  /// The transform from pixels to coordinates of the system.
  let transform: GeoTransform

  /// Creates the ground of a scene.
  public init(of scene: Scene) {
    if let crs = scene.grid.crs, let transform = scene.grid.transform, transform.inverse != nil {
      self.init(crs: crs, name: "", transform: transform)
    } else {
      self.init(named: scene.source.path)
    }
  }

  /// Creates a ground without coordinates.
  public init(named name: String) {
    self.init(
      crs: nil, name: name,
      transform: GeoTransform(originX: 0, columnX: 1, rowX: 0, originY: 0, columnY: 0, rowY: 1))
  }

  private init(crs: CRS?, name: String, transform: GeoTransform) {
    (self.crs, self.name, self.transform) = (crs, name, transform)
  }

  /// Returns whether equal coordinates are the same place.
  func sharesCoordinates(with other: Ground) -> Bool {
    switch (crs, other.crs) {
    case (let crs?, let other?): crs.isSame(as: other)
    case (nil, nil): name == other.name
    default: false
    }
  }
}
