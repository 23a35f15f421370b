import Numerics

/// A distance on the ground or in the grid, as written in a pipeline file: `64` is pixels, `30m` is metres.
public enum Length: Sendable, Hashable {
  /// A count of pixels of the scene's own grid.
  case pixels(Int)
  /// Metres on the ground.
  case metres(Double)

  /// Returns the length in whole pixels, rounded to the nearest.
  ///
  /// - Parameter resolution: the ground size of a pixel in metres, above 0.
  public func pixels(at resolution: Double) -> Int {
    switch self {
    case .pixels(let count): count
    case .metres(let metres): Int(bounded: (metres / resolution).rounded())
    }
  }

  /// The spelling in a pipeline file.
  public var text: String {
    switch self {
    case .pixels(let count): String(count)
    case .metres(let metres): JSONValue.number(metres).canonical + "m"
    }
  }

  /// Reads `64`, `64px`, `30m` or `1.5km`; nil where the text is none of these or is negative.
  package init?(text: String) {
    guard let (number, unit) = Quantity.split(text), let value = Double(number), value >= 0, value < 1e9
    else {
      return nil
    }
    switch unit {
    case "", "px":
      guard let count = Int(number) else { return nil }
      self = .pixels(count)
    case "m": self = .metres(value)
    case "km": self = .metres(value * 1000)
    default: return nil
    }
  }
}

/// A number with a unit behind it.
package enum Quantity {
  /// Splits `2.5GiB` into `2.5` and `GiB`; nil where no plain decimal number stands in front.
  package static func split(_ text: String) -> (number: String, unit: String)? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard number.contains(where: \.isNumber), number.filter({ $0 == "." }).count <= 1 else { return nil }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    return (String(number), String(unit))
  }

  /// Bytes of `1048576`, `800MiB`, `2GiB`, `1.5GB`; nil where the text is not such a size.
  package static func bytes(_ text: String) -> Int? {
    let units: [String: Double] = [
      "": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 0x1p10, "MiB": 0x1p20,
      "GiB": 0x1p30, "TiB": 0x1p40,
    ]
    guard let (number, unit) = split(text), let value = Double(number), let factor = units[unit],
      value * factor < 0x1p62
    else { return nil }
    return Int((value * factor).rounded())
  }

  /// Seconds of `90`, `90s`, `5min`, `2h`, `1d`; nil where the text is not such a time.
  package static func seconds(_ text: String) -> Double? {
    let units = ["": 1.0, "s": 1, "min": 60, "h": 3600, "d": 86400]
    guard let (number, unit) = split(text), let value = Double(number), let factor = units[unit],
      value * factor < 1e10
    else { return nil }
    return value * factor
  }
}
