import Rasters

/// Where the pixels of a part of a map are in a radar image.
struct TilePlaces: Sendable {
  /// The pixels of the map that are wanted.
  let window: Window
  /// The pixels that the arrays hold: ``window``, and maybe some around it.
  let padded: Window
  /// `[H, W]` of ``padded``: line and sample, whole at the middles of pixels; NaN where nothing of the map is
  /// seen.
  var lines, samples: [Float]
  /// `[H, W]` of ``padded``: bits of ``HiddenTerrain``; empty where none was looked for.
  var marks: [UInt8] = []
  /// `[H, W]` of ``padded``: degrees between the line of sight and the ground's normal; empty where they are
  /// not wanted.
  var incidences: [Float] = []
  /// Pixels of ``window`` in the image, those without a height included.
  var inImage = 0
  /// Pixels of ``window`` in the image of which no height is known.
  var withoutHeight = 0

  /// The place in the arrays of the first pixel of a row of ``window``.
  @inline(__always)
  func start(ofRow row: Int) -> Int {
    (window.row - padded.row + row) * padded.width + window.column - padded.column
  }
}

/// A way to find where pixels of a map are in a radar image.
protocol PlaceFinder {
  /// Finds the places of a window of a grid.
  ///
  /// - Returns: nil where surely nothing of the window is in the image.
  /// - Throws: what reading heights and projecting throws.
  func places(in window: Window, of transform: GeoTransform) throws(RasterError) -> TilePlaces?
}
