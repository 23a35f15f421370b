/// The meaning of the stored numbers of a mask.
public struct MaskRule: Sendable, Hashable, CustomStringConvertible {
  /// Some bits of a number, which mean something from a value of theirs on.
  struct Bits: Sendable, Hashable {
    /// The lowest bit, from 0, and how many there are.
    let first, count: Int
    /// The least value of the bits that means it.
    let least: Int
    let words: MaskWords

    /// Creates the meaning of one bit, or of a pair that holds a confidence from 0 to 3.
    init(_ first: Int, count: Int = 1, least: Int = 1, _ words: MaskWords) {
      (self.first, self.count, self.least, self.words) = (first, count, least, words)
    }
  }

  private enum Form: Sendable, Hashable {
    case classes([Int: MaskWords])
    case bits([Bits], fill: Int?)
    /// All numbers but these are hidden.
    case clear(Set<Int>)
  }

  private let form: Form

  private init(_ form: Form) { self.form = form }

  /// The meanings of the numbers of a class each.
  static func classes(_ words: [Int: MaskWords]) -> MaskRule { MaskRule(.classes(words)) }

  /// The meanings of bits; of one number, which says that nothing was measured, they mean nothing.
  static func bits(_ bits: [Bits], fill: Int? = nil) -> MaskRule { MaskRule(.bits(bits, fill: fill)) }

  /// A user's rule: these numbers are hidden.
  public static func hiding(_ values: [Int]) -> MaskRule {
    .classes(Dictionary(values.map { ($0, .masked) }, uniquingKeysWith: { first, _ in first }))
  }

  /// A user's rule: all numbers but these are hidden.
  public static func clear(_ values: [Int]) -> MaskRule { MaskRule(.clear(Set(values))) }

  /// The words that the rule can give.
  public var vocabulary: MaskWords {
    switch form {
    case .classes(let words): MaskWords(words.values)
    case .bits(let bits, _): MaskWords(bits.map(\.words))
    case .clear: .masked
    }
  }

  /// The numbers with what they mean, the same text for the same rule.
  public var description: String {
    switch form {
    case .classes(let words):
      words.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.names.joined(separator: "+"))" }
        .joined(separator: ", ")
    case .bits(let bits, _):
      bits.map {
        "bits \($0.first)-\($0.first + $0.count - 1) >= \($0.least) \($0.words.names.joined(separator: "+"))"
      }
      .joined(separator: ", ")
    case .clear(let clear): "clear " + clear.sorted().map(String.init).joined(separator: ", ")
    }
  }

  /// Returns whether the rule names a number itself.
  func lists(_ value: Int) -> Bool {
    switch form {
    case .classes(let words): words[value] != nil
    case .bits(_, let fill): value == fill
    case .clear(let clear): clear.contains(value)
    }
  }

  /// Returns the meaning of a number.
  public func words(of value: Int) -> MaskWords {
    switch form {
    case .classes(let words): return words[value] ?? []
    case .bits(let bits, let fill):
      guard value >= 0, value != fill else { return [] }
      return MaskWords(bits.filter { (value >> $0.first) & ((1 << $0.count) - 1) >= $0.least }.map(\.words))
    case .clear(let clear): return clear.contains(value) ? [] : .masked
    }
  }
}

extension MaskRule {
  // MARK: - Rules of the agencies

  /// The scene classification of Sentinel-2 at level 2A.
  package static let sentinel2Classes = classes([
    1: .defective, 2: .dark, 3: .shadow, 6: .water, 7: .lowCloud, 8: .cloud, 9: .cloud, 10: .cirrus,
    11: .snow,
  ])

  /// `QA_PIXEL` of Landsat's collection 2.
  ///
  /// - Source: USGS Landsat 8-9 Collection 2 Level 2 Science Product Guide, table 6-2.
  package static let landsatPixels = bits([
    Bits(1, .cloud), Bits(3, .cloud), Bits(8, count: 2, least: 2, .lowCloud), Bits(2, .cirrus),
    Bits(4, .shadow), Bits(5, .snow), Bits(7, .water),
  ])

  /// `BQA` of Landsat's collection 1, level 1.
  package static let landsatCollection1 = bits([
    Bits(4, .cloud), Bits(5, count: 2, least: 2, .lowCloud), Bits(11, count: 2, least: 3, .cirrus),
    Bits(7, count: 2, least: 3, .shadow), Bits(9, count: 2, least: 3, .snow), Bits(1, .defective),
    Bits(2, count: 2, .saturated),
  ])

  /// `pixel_qa` of Landsat's surface reflectance on demand.
  package static let landsatOnDemand = bits([
    Bits(5, .cloud), Bits(6, count: 2, least: 2, .lowCloud), Bits(8, count: 2, least: 3, .cirrus),
    Bits(3, .shadow), Bits(4, .snow), Bits(2, .water), Bits(10, .defective),
  ])

  /// `QA_RADSAT` of Landsat: dropped pixels of TM and ETM+, terrain in the way of OLI, and a bit for each band.
  package static let landsatSaturation = bits(
    [Bits(9, .defective), Bits(11, .defective)] + (0...8).map { Bits($0, .saturated) })

  /// `radsat_qa` of surface reflectance on demand: a bit for each band, from the second on.
  package static let landsatSaturationOnDemand = bits((1...7).map { Bits($0, .saturated) })

  /// `Fmask` of the Harmonized Landsat and Sentinel-2 products, version 2.0.
  ///
  /// - Source: HLS Product User Guide, table 9.
  package static let harmonized = bits(
    [
      Bits(1, .cloud), Bits(2, .cloud), Bits(0, .cirrus), Bits(3, .shadow), Bits(4, .snow), Bits(5, .water),
      Bits(6, count: 2, least: 3, .haze),
    ], fill: 255)

  /// The mask of OPERA's RTC: shadow and layover of the radar.
  package static let operaRadar = classes([1: .radarShadow, 2: .layover, 3: [.layover, .radarShadow]])

  /// A band of a raster that is 1 where something is there.
  package static func flag(_ words: MaskWords) -> MaskRule { classes([1: words]) }

  /// Band 8 of PlanetScope's udm2: a bit for each band that is suspect, from the third on; the second is a
  /// crude test that takes snow for cloud.
  package static let planetUnusable = bits((2...7).map { Bits($0, .defective) })
}
