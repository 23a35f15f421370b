/// The things that a mask says of a pixel, besides that it is clear.
public struct MaskWords: OptionSet, Sendable, Hashable {
  /// A bit for each thing, in the order of ``all``.
  public let rawValue: UInt16

  /// Creates the words of some bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// An opaque cloud, or what lies so near to one that it may be.
  public static let cloud = MaskWords(rawValue: 1 << 0)
  /// A cloud of low or medium probability.
  public static let lowCloud = MaskWords(rawValue: 1 << 1)
  /// Thin ice clouds.
  public static let cirrus = MaskWords(rawValue: 1 << 2)
  /// The shadow of a cloud.
  public static let shadow = MaskWords(rawValue: 1 << 3)
  /// A dark place, which may be the shadow of a mountain.
  public static let dark = MaskWords(rawValue: 1 << 4)
  /// Haze or much aerosol.
  public static let haze = MaskWords(rawValue: 1 << 5)
  /// Snow or ice.
  public static let snow = MaskWords(rawValue: 1 << 6)
  /// Water.
  public static let water = MaskWords(rawValue: 1 << 7)
  /// A pixel that was not measured as it should be.
  public static let defective = MaskWords(rawValue: 1 << 8)
  /// A pixel that was too bright in some band.
  public static let saturated = MaskWords(rawValue: 1 << 9)
  /// Ground that the radar sees together with other ground.
  public static let layover = MaskWords(rawValue: 1 << 10)
  /// Ground that the radar does not see.
  public static let radarShadow = MaskWords(rawValue: 1 << 11)
  /// Hidden by a mask of the user's own.
  public static let masked = MaskWords(rawValue: 1 << 12)

  /// Each word with its name in pipeline files, reports and maps, the weightiest first.
  public static let all: [(word: MaskWords, name: String)] = [
    (.cloud, "cloud"), (.lowCloud, "low-cloud"), (.cirrus, "cirrus"), (.shadow, "shadow"), (.dark, "dark"),
    (.haze, "haze"), (.snow, "snow"), (.water, "water"), (.defective, "defective"),
    (.saturated, "saturated"), (.layover, "layover"), (.radarShadow, "radar-shadow"), (.masked, "masked"),
  ]

  /// The words that a pipeline hides unless it says otherwise.
  public static let hiddenByDefault: MaskWords = [.cloud, .cirrus, .shadow, .defective]

  /// Creates the word of a name; nil where there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found.word
  }

  /// The names, the weightiest first.
  public var names: [String] { Self.all.filter { contains($0.word) }.map(\.name) }

  /// The place in ``all`` of the weightiest word; nil where there is none.
  public var weightiest: Int? { rawValue == 0 ? nil : rawValue.trailingZeroBitCount }
}
