import Rasters

/// A band in a file of a product, which the product's rules of naming or its metadata tell.
public struct BandAsset: Sendable, Hashable {
  /// The band's name in the product: `B8A`, `SCL`.
  public let name: String
  /// The file.
  public let file: String
  /// The band's place in the file, from 1; nil where it is the only one that is measured.
  public let index: Int?
  /// The number of bands that the file is to have; nil where nothing says it.
  let count: Int?
  /// Metres of a pixel; nil where the file's name does not say it.
  public let metres: Int?
  /// The statements about its numbers by what lists it; nil where they stand elsewhere.
  let stated: StatedBand?
  /// The reason why it is not to be read; nil where it is.
  let refusal: RasterError?

  /// Creates an asset from its parts.
  public init(name: String, file: String, index: Int? = nil, metres: Int? = nil) {
    self.init(name: name, file: file, index: index, of: nil, metres: metres, stated: nil, refusal: nil)
  }

  /// Creates an asset that a catalogue describes.
  ///
  /// - Parameter count: the number of bands in the file.
  init(
    name: String, file: String, index: Int?, of count: Int?, metres: Int?, stated: StatedBand?,
    refusal: RasterError?
  ) {
    (self.name, self.file, self.index, self.count, self.metres) = (name, file, index, count, metres)
    (self.stated, self.refusal) = (stated, refusal)
  }
}
