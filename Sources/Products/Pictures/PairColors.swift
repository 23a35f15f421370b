import Foundation
import Rasters

/// A colour for each pair of classes, all of which can be told apart.
///
/// A pair has the hue of what it became, tinted by what it was and darker the earlier that is in the order of
/// classes; what did not change is pale.
public struct PairColors: Sendable {
  private let count: Int
  private let colors: [Color]

  /// The share of the target in a mixture: enough that its hue stays.
  private static let target = 0.72
  /// The range of lightness from the first source to the last.
  private static let spread = 0.2
  /// The share of a class's colour where it did not change; the rest is white.
  private static let pale = 0.25
  /// The least distance between colours, where there is room.
  private static let leastDistance = 0.06

  /// - Parameter classes: the colours of the classes, in their order.
  public init(classes: [Color]) {
    count = classes.count
    let own = classes.map(PerceivedColor.init)
    let white = PerceivedColor(Color(red: 255, green: 255, blue: 255))
    var taken: [PerceivedColor] = []
    var colors = [Color](
      repeating: Color(red: 255, green: 255, blue: 255), count: classes.count * classes.count)
    func place(_ wanted: PerceivedColor, from: Int, to: Int) {
      let free = Self.free(wanted, beside: taken)
      taken.append(PerceivedColor(free))
      colors[from * classes.count + to] = free
    }
    for index in classes.indices {
      place(own[index].mixed(Self.pale, with: white), from: index, to: index)
    }
    for from in classes.indices {
      for to in classes.indices where from != to {
        var color = own[to].mixed(Self.target, with: own[from])
        color.lightness += (Double(from) / Double(classes.count - 1) - 0.5) * Self.spread
        place(color, from: from, to: to)
      }
    }
    self.colors = colors
  }

  /// Returns the colour of a pair.
  public func color(from: Int, to: Int) -> Color { colors[from * count + to] }

  /// Returns the colour itself, or the nearest lighter or darker one that is far enough from all that are
  /// taken; where there is none, the one that is farthest.
  private static func free(_ wanted: PerceivedColor, beside taken: [PerceivedColor]) -> Color {
    var best: (distance: Double, color: Color)?
    for step in 0...24 {
      var candidate = wanted
      let shift = Double((step + 1) / 2) * 0.03
      candidate.lightness = max(0.25, min(0.95, wanted.lightness + (step % 2 == 1 ? shift : -shift)))
      let color = candidate.color
      let distance = taken.map { PerceivedColor(color).distance(to: $0) }.min() ?? 1
      if distance >= leastDistance { return color }
      if distance > best?.distance ?? -1 { best = (distance, color) }
    }
    return best!.color
  }
}

/// A colour in OKLab, where distances are about as large as people see them: neighbours that can be told
/// apart lie some 0.02 apart, black and white 1.
///
/// - Source: Ottosson 2020, "A perceptual color space for image processing".
package struct PerceivedColor: Hashable {
  var lightness: Double
  /// The position from green to red, and from blue to yellow.
  var a, b: Double

  package init(_ color: Color) {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    let (red, green, blue) = (linear(color.red), linear(color.green), linear(color.blue))
    let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
  }

  /// The colour as screens show it; what they cannot show is cut off.
  package var color: Color {
    func cubed(_ value: Double) -> Double { value * value * value }
    let l = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
    func channel(_ linear: Double) -> UInt8 {
      let value = max(0, min(1, linear))
      return UInt8(
        (255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055)).rounded())
    }
    return Color(
      red: channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      green: channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      blue: channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }

  /// Returns a share of this colour, the rest of another.
  package func mixed(_ share: Double, with other: PerceivedColor) -> PerceivedColor {
    var mixed = self
    mixed.lightness += (1 - share) * (other.lightness - lightness)
    mixed.a += (1 - share) * (other.a - a)
    mixed.b += (1 - share) * (other.b - b)
    return mixed
  }

  package func distance(to other: PerceivedColor) -> Double {
    let parts = [lightness - other.lightness, a - other.a, b - other.b]
    return parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
