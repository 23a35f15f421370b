/// A file of a product that holds one band, which the product's rules of naming tell.
public struct BandAsset: Sendable, Hashable {
  /// The band's name in the product: `B8A`, `SCL`.
  public let name: String
  /// The file.
  public let file: String
  /// Metres of a pixel; nil where the file's name does not say it.
  public let metres: Int?

  /// Creates an asset from its parts.
  public init(name: String, file: String, metres: Int? = nil) {
    (self.name, self.file, self.metres) = (name, file, metres)
  }
}
