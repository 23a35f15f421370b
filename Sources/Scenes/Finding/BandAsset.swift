/// A band in a file of a product, which the product's rules of naming or its metadata tell.
public struct BandAsset: Sendable, Hashable {
  /// The band's name in the product: `B8A`, `SCL`.
  public let name: String
  /// The file.
  public let file: String
  /// The band's place in the file, from 1; nil where it is the only one that is measured.
  public let index: Int?
  /// Metres of a pixel; nil where the file's name does not say it.
  public let metres: Int?

  /// Creates an asset from its parts.
  public init(name: String, file: String, index: Int? = nil, metres: Int? = nil) {
    (self.name, self.file, self.index, self.metres) = (name, file, index, metres)
  }
}
