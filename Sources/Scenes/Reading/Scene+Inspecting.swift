import CGDAL
import Numerics
import Rasters

extension Scene {
  /// The rule by which the stored numbers of a band become physical ones.
  struct Rule {
    let scale, offset: Double
    let noData, saturated: Double?
    /// Decibels for a tenfold number; nil where numbers are not brought to decibels.
    let decibelsPerDecade: Double?
    /// Whether physical values are x |x| of what scale and offset give.
    let squaresWithSign: Bool
  }

  /// The rules of the bands that are read.
  var rules: [Rule] {
    parts.flatMap(\.decodings).map { decoding in
      Rule(
        scale: decoding.scale, offset: decoding.offset,
        noData: decoding.noData ?? (zeroValues == nil ? nil : 0),
        saturated: decoding.saturated, decibelsPerDecade: decoding.decibelsPerDecade,
        squaresWithSign: decoding.squaresWithSign)
    }
  }

  /// Returns what the first band stores at a place on the map, what it means, and what a mask hides it for.
  ///
  /// - Throws: `gridMismatch` for a place outside of the scene, or where the scene has no position.
  func storedPixel(
    at place: (x: Double, y: Double)
  ) throws(RasterError) -> (column: Int, row: Int, stored: Double, physical: Float?, hiddenFor: String?) {
    let part = parts[0]
    guard let pixel = part.file.grid.transform?.inverse?.apply(column: place.x, row: place.y) else {
      throw RasterError(
        .gridMismatch, "look at \(place.x), \(place.y)", path: part.file.path, cause: "it has no position")
    }
    let (column, row) = (Int(bounded: pixel.x.rounded(.down)), Int(bounded: pixel.y.rounded(.down)))
    guard part.file.grid.bounds.contains(column: column, row: row) else {
      throw RasterError(
        .gridMismatch, "look at \(place.x), \(place.y)", path: part.file.path,
        cause: "it lies outside: in column \(column), row \(row) of \(part.file.grid)")
    }
    let window = Window(column: column, row: row, width: 1, height: 1)
    var stored = [0.0]
    try stored.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      try part.file.readRaw(
        window, bands: [part.indices[0]], into: UnsafeMutableRawBufferPointer(buffer), as: GDT_Float64)
    }
    if part.decodings[0].isSignedByte, stored[0] > 127 { stored[0] -= 256 }
    let block = try read(window)
    let code = try hiddenWords(in: window)[0]
    return (
      column, row, stored[0], block.valid[0] ? block.values[0] : nil,
      code == 0 ? nil : MaskWords.all[Int(code) - 1].name
    )
  }
}
