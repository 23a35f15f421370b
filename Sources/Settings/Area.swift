import Numerics

/// An area on the ground or in the grid, as written in a pipeline file: `50` is pixels, `0.5ha` is hectares.
public enum Area: Sendable, Hashable {
  /// A count of pixels of the scene's own grid.
  case pixels(Int)
  /// Square metres on the ground.
  case squareMetres(Double)

  /// Returns the number of pixels from which on a region has the area or more; nil for an area on the ground
  /// where nobody knows the size of a pixel.
  ///
  /// - Parameter pixel: the area of a pixel in square metres, above 0; nil where it is not known.
  public func smallestRegion(ofPixels pixel: Double?) -> Int? {
    switch self {
    case .pixels(let count): return count
    case .squareMetres(let area):
      guard let pixel else { return nil }
      // 5,000 square metres are 50 pixels of 10 m, whatever the last digit of the division is.
      return max(1, Int(bounded: (area / pixel - 1e-6).rounded(.up)))
    }
  }

  /// The spelling in a pipeline file.
  public var text: String {
    switch self {
    case .pixels(let count): String(count)
    case .squareMetres(let area): JSONValue.number(area).canonical + "m2"
    }
  }

  /// Reads `50`, `50px`, `500m2`, `0.5ha` or `2km2`; nil where the text is none of these, is negative or
  /// nothing.
  package init?(text: String) {
    let squares = ["m2": 1.0, "ha": 1e4, "km2": 1e6]
    guard let (number, unit) = Quantity.split(text), let value = Double(number), value > 0, value < 1e9 else {
      return nil
    }
    if unit.isEmpty || unit == "px" {
      guard let count = Int(number) else { return nil }
      self = .pixels(count)
    } else {
      guard let square = squares[unit] else { return nil }
      self = .squareMetres(value * square)
    }
  }
}
