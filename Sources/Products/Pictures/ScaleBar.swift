/// A round length on the ground, and the length that it has on a picture.
package struct ScaleBar: Sendable, Hashable {
  /// The length on the picture, in pixels.
  package let pixels: Int
  /// The length on the ground, for people: `500 m`, `2 km`.
  package let text: String

  /// The length, in metres, that no scale bar reaches: there is no such length on Earth.
  private static let longest = 1e8

  /// Finds a round length of at most a fifth of a picture; nil where pixels have none, and where the picture
  /// is too narrow.
  ///
  /// - Parameter metres: the side of a pixel of the picture on the ground.
  package init?(across width: Int, metres: Double?) {
    guard let metres, metres > 0, width >= 40 else { return nil }
    let most = Double(width) / 5 * metres
    guard most < Self.longest else { return nil }
    var power = 1.0
    while power * 10 <= most { power *= 10 }
    while power > most { power /= 10 }
    let length = [5.0, 2, 1].map { $0 * power }.first { $0 <= most } ?? power
    text = length >= 1000 ? "\(Int(length / 1000)) km" : length >= 1 ? "\(Int(length)) m" : "\(length) m"
    pixels = max(1, Int((length / metres).rounded()))
  }
}
