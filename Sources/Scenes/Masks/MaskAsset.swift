/// A raster that says which pixels of a scene are to be left out.
public struct MaskAsset: Sendable, Hashable {
  /// The file.
  public let file: String
  /// The band's place in it, from 1.
  public let index: Int
  /// The meaning of its numbers.
  public let rule: MaskRule
  /// The bit that says of a band, by its normalised name, that it is saturated there; empty where the mask
  /// has none.
  let saturationBits: [String: Int]

  /// Creates a mask from its parts.
  public init(_ file: String, index: Int = 1, _ rule: MaskRule, saturationBits: [String: Int] = [:]) {
    (self.file, self.index, self.rule, self.saturationBits) = (file, index, rule, saturationBits)
  }

  /// Creates the mask of a Landsat product's `QA_RADSAT`: bit n - 1 is set where band n is saturated.
  init(landsatSaturation file: String) {
    let bits = Dictionary(uniqueKeysWithValues: (1...9).map { ("B\($0)", $0 - 1) })
    self.init(file, .landsatSaturation, saturationBits: bits)
  }
}
