/// Settings of the cutting of scenes into chips for training.
public struct ChipSettings: Sendable, Hashable {
  /// The side of a chip in pixels.
  public var size: Int
  /// The distance between the corners of neighbouring chips in pixels.
  public var stride: Int
  /// Bytes that the pixels and labels of regions that chips are cut from may take in memory; the rest of the
  /// pixels lies in a file.
  public var memory: Int
}
