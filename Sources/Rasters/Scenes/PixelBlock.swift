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

  /// A block without a valid pixel.
  public init(invalid window: Window, bandCount: Int) {
    self.init(
      width: window.width, height: window.height, bandCount: bandCount,
      values: [Float](repeating: 0, count: bandCount * window.pixelCount),
      valid: [Bool](repeating: false, count: window.pixelCount))
  }

  /// The number of valid pixels.
  public var validCount: Int { valid.reduce(0) { $0 + ($1 ? 1 : 0) } }
}
