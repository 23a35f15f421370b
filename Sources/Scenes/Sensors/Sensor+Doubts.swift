import Foundation

/// The range of most values of a band, in its physical unit.
public struct BandRange: Hashable, Sendable {
  /// The band, as a scene calls it.
  public let name: String
  /// The value that one in forty lies below, the middle one, and the one that one in forty lies above.
  public let low, median, high: Double

  /// Creates a range from its parts.
  public init(name: String, low: Double, median: Double, high: Double) {
    (self.name, self.low, self.median, self.high) = (name, low, median, high)
  }

  fileprivate var words: String {
    "\(name) from \(String(format: "%.3g", low)) to \(String(format: "%.3g", high))"
  }
}

/// Properties of a scene that contradict the sensor it is said to be of: numbers of another product would be
/// mapped without a word.
extension Sensor {
  /// Returns the reason why a stored type, or the name of a band, is not that of the sensor's numbers, as a
  /// clause; nil where it may be, or where the file has a rule of its own.
  public func doubt(about band: StoredBand) -> String? {
    guard !band.hasOwnScaling else { return nil }
    if band.name.contains(/(^|_)SR_B[0-9]/), let reader = readerOfCollection2 {
      return
        "called SR_B..., as surface reflectance of Landsat's collection 2 is, which '\(reader.name)' reads"
    }
    let isByte = band.dataType == "Byte" || band.dataType == "Int8"
    switch unit {
    case "reflectance" where isByte && !scalesByProduct:
      return "8-bit numbers, which \(name) makes reflectance of \(physical(0)) to \(physical(255))"
    case "dB" where isByte || band.dataType.hasPrefix("UInt"):
      return "numbers without a sign, while decibels of backscatter are below 0 for the most part"
    case Self.brightness where ["UInt16", "Int16", "UInt32", "Int32"].contains(band.dataType):
      return "\(band.dataType) numbers, where \(name) takes pictures of 8 bits for 255 steps of brightness"
    default: return nil
    }
  }

  /// The sensor for surface reflectance of collection 2, where this one has the same bands and another rule.
  private var readerOfCollection2: Sensor? {
    switch name {
    case Self.landsat8L1.name: .landsat8L2
    case Self.landsat7.name: .landsat7L2
    case Self.landsat5.name: .landsat5L2
    default: nil
    }
  }

  /// Returns the reason why a file with bands of these names is of another sensor, as a clause: it has bands
  /// that this one lacks, and one of the same unit has all of them.
  public func doubt(aboutBands names: [String]) -> String? {
    let strange = names.filter { bandIndex(matching: $0) == nil }
    guard name != Self.customName, !strange.isEmpty, names.count > strange.count,
      let other = Self.all.first(where: { other in
        other.unit == unit && names.allSatisfy { other.bandIndex(matching: $0) != nil }
      })
    else { return nil }
    let missing = strange.prefix(3).joined(separator: ", ")
    return "its bands are those of \(other.name): \(name) has no \(missing)"
  }

  /// Returns the reason why the values of a scene can hardly be the sensor's, as a clause; nil where they
  /// can.
  ///
  /// - Parameter ranges: of all bands of a scene, or of two dates of one.
  public func doubt(about ranges: [BandRange]) -> String? {
    switch unit {
    case "reflectance": reflectanceDoubt(ranges.filter(isOfSunlight))
    case "dB": decibelDoubt(ranges)
    case Self.brightness: brightnessDoubt(ranges)
    default: nil
    }
  }

  /// Returns the doubt about values of reflectance: digital numbers of 8 bits are at most 0.0255 at a scale
  /// of 1/10,000, and some pixel of any land is brighter in some band.
  private func reflectanceDoubt(_ ranges: [BandRange]) -> String? {
    guard !ranges.isEmpty else { return nil }
    let dark = ranges.filter { $0.median < -0.01 }
    if !dark.isEmpty { return "reflectance below 0 for the most part (\(words(dark)))" }
    let bright = ranges.filter { $0.median > 1.6 }
    if !bright.isEmpty { return "reflectance above 1.6 for the most part (\(words(bright)))" }
    if ranges.allSatisfy({ $0.high < 0.0256 }) {
      return
        "reflectance of next to nothing (\(words(ranges))), as of digital numbers or of numbers scaled twice"
    }
    // Clouds and snow are bright in visible light, but not beyond 1.5 micrometres.
    let limit = ranges.contains { (wavelength(of: $0) ?? 0) > 1500 } ? 0.45 : 0.65
    if ranges.allSatisfy({ $0.low > limit }) {
      return "nothing dark in any band (\(words(ranges))), as of numbers with another scale and offset"
    }
    return nil
  }

  private func decibelDoubt(_ ranges: [BandRange]) -> String? {
    if !ranges.isEmpty, ranges.allSatisfy({ $0.low >= 0 }) {
      return "nothing below 0 dB (\(words(ranges))): power or amplitude, not decibels"
    }
    let far = ranges.filter { abs($0.median) > 60 }
    return far.isEmpty ? nil : "values that no backscatter has in decibels (\(words(far)))"
  }

  private func brightnessDoubt(_ ranges: [BandRange]) -> String? {
    let bright = ranges.filter { $0.high > 1.05 }
    if !bright.isEmpty { return "more than full brightness (\(words(bright)))" }
    guard !ranges.isEmpty, ranges.allSatisfy({ $0.high < 0.005 }) else { return nil }
    return "next to no brightness (\(words(ranges))), as of pictures from 0 to 1"
  }

  /// Bands of heat, and those that the air keeps from the ground, say nothing of reflectance.
  private func isOfSunlight(_ range: BandRange) -> Bool {
    guard let wavelength = wavelength(of: range) else { return true }
    return wavelength < 3000 && !(1300...1450).contains(wavelength)
  }

  private func wavelength(of range: BandRange) -> Double? {
    // Of two dates a band is called "before B02" or "after B02".
    let word = range.name.split(separator: " ").last.map(String.init) ?? range.name
    return bandIndex(matching: word).flatMap { bands[$0].wavelength }
  }

  private func words(_ ranges: [BandRange]) -> String {
    ranges.prefix(3).map(\.words).joined(separator: ", ") + (ranges.count > 3 ? ", ..." : "")
  }

  private func physical(_ stored: Double) -> String { String(format: "%.4g", stored * scale + offset) }

  private static let brightness = Sensor.aerialRGB.unit
}
