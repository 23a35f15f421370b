/// The choice of pixels that are left out of scenes besides those without data.
public struct Masking: Sendable, Hashable {
  /// The rasters that say which pixels are left out.
  public enum Origin: Sendable, Hashable {
    /// Those that a product has.
    case product
    /// None: what a product calls defective is left out all the same.
    case none
    /// One raster of the user's for all scenes.
    case map(String, MaskRule)
    /// A raster of the user's beside each scene, named as the scene with this at the end.
    case suffix(String, MaskRule)
  }

  /// The rasters.
  public let origin: Origin
  /// The things that are hidden of those that products' masks know.
  public let hidden: MaskWords
  /// Metres around what is hidden that are hidden as well.
  public let growth: Double

  /// Creates a choice.
  public init(_ origin: Origin, hiding hidden: MaskWords = .hiddenByDefault, growth: Double = 0) {
    (self.origin, self.hidden, self.growth) = (origin, hidden, growth)
  }

  /// The masks of products, as pipelines use them unless they say otherwise.
  public static let product = Masking(.product)
  /// No mask.
  public static let none = Masking(.none)

  /// The words that are hidden on purpose: of a user's own raster what it hides, in the place of what
  /// products say; without a mask none.
  var chosen: MaskWords {
    switch origin {
    case .none: []
    case .product: hidden
    case .map, .suffix: .masked
    }
  }
}
