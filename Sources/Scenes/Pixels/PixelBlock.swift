import Rasters

/// The pixels of one window of a scene, in physical units.
public struct PixelBlock: Sendable, Hashable {
  /// Columns of the window.
  public let width: Int
  /// Rows of the window.
  public let height: Int
  /// The number of bands.
  public let bandCount: Int
  /// `[C, H, W]`; 0 where the pixel is invalid, in every band.
  public var values: [Float]
  /// `[H, W]`: whether every band of the pixel holds a measurement.
  public var valid: [Bool]

  /// Creates a block; the arrays must have the sizes that the shape says.
  public init(width: Int, height: Int, bandCount: Int, values: [Float], valid: [Bool]) {
    precondition(
      values.count == bandCount * width * height && valid.count == width * height,
      "\(values.count) values and \(valid.count) flags for [\(bandCount), \(height), \(width)]")
    self.width = width
    self.height = height
    self.bandCount = bandCount
    self.values = values
    self.valid = valid
  }

  /// Creates a block without a valid pixel.
  public init(invalid window: Window, bandCount: Int) {
    self.init(
      width: window.width, height: window.height, bandCount: bandCount,
      values: [Float](repeating: 0, count: bandCount * window.pixelCount),
      valid: [Bool](repeating: false, count: window.pixelCount))
  }

  /// Two dates as one block, `[2 C, H, W]`, valid where both are.
  package init(before: PixelBlock, after: PixelBlock) {
    let valid = zip(before.valid, after.valid).map { $0 && $1 }
    self.init(
      width: before.width, height: before.height, bandCount: before.bandCount + after.bandCount,
      values: before.values + after.values, valid: valid)
    for pixel in valid.indices where !valid[pixel] {
      for band in 0..<bandCount { values[band * valid.count + pixel] = 0 }
    }
  }

  /// Returns the dates of a block that holds `bands` of each.
  public func dates(ofBands bands: Int) -> [PixelBlock] {
    let count = bands * valid.count
    guard values.count > count else { return [self] }
    return stride(from: 0, to: values.count, by: count).map {
      PixelBlock(
        width: width, height: height, bandCount: bands, values: Array(values[$0..<$0 + count]), valid: valid)
    }
  }

  /// The number of valid pixels.
  public var validCount: Int { valid.reduce(0) { $0 + ($1 ? 1 : 0) } }
}
