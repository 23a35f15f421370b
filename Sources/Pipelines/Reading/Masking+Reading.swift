import Foundation
import Scenes
import Settings

extension Masking {
  /// Reads the settings of `mask`.
  init(_ reader: SettingsReader) {
    let origin = reader.mapping(
      "from", textKey: "masks",
      "the masks: product (those that a product has), none, or a mapping of your own rasters",
      read: Origin.init)
    let names = MaskWords.all.map(\.name).filter { $0 != "masked" }
    let words = reader.strings(
      "hide", default: MaskWords.hiddenByDefault.names,
      "what is left out: " + names.joined(separator: ", "))
    var hidden: MaskWords = []
    for (index, name) in words.enumerated() {
      guard let word = MaskWords(named: name), word != .masked else {
        reader.problem(
          "hide", element: index,
          "no mask knows '\(name)'" + BandNaming.question(about: name, in: names)
            + " (known: \(names.joined(separator: ", ")))")
        continue
      }
      hidden.insert(word)
    }
    let growth = reader.length(
      "grow", default: .metres(0), "how far around what is hidden pixels are left out as well, 60m")
    var metres = 0.0
    switch growth {
    case .metres(let length): metres = length
    case .pixels(let count):
      if count != 0 { reader.problem("grow", "'grow' is a length in metres with its unit, 60m") }
    }
    self.init(origin, hiding: hidden, growth: metres)
  }
}

extension Masking.Origin {
  private enum Known: String, CaseIterable { case product, none }

  /// Reads where masks come from: a word, or a raster of the user's with the meaning of its numbers.
  fileprivate init(_ reader: SettingsReader) {
    let known = reader.choice(
      "masks", of: Known.self, default: .product, "those that a product has, or none")
    let map = reader.optionalPath("map", "one raster for all scenes")
    let suffix = reader.optionalString(
      "suffix", matching: "[A-Za-z0-9._-]+", like: "_mask",
      "rasters beside the scenes, named as they are with this at the end")
    let hidden = reader.ints("hide", default: [], in: 0...65535, "the numbers of what is left out")
    let clear = reader.ints("clear", default: [], in: 0...65535, "the numbers of what is not left out")
    let isOwn = map != nil || suffix != nil
    if map != nil && suffix != nil { reader.problem("map", with: "suffix", "give 'map' or 'suffix'") }
    if isOwn && hidden.isEmpty == clear.isEmpty {
      reader.problem(map == nil ? "suffix" : "map", "give either 'hide' or 'clear': numbers of the raster")
    }
    if isOwn && reader.has("masks") { reader.problem("masks", "'masks' goes without rasters of your own") }
    if !isOwn && (reader.has("hide") || reader.has("clear")) {
      reader.problem(reader.has("hide") ? "hide" : "clear", "give the raster: 'map' or 'suffix'")
    }
    let rule = clear.isEmpty ? MaskRule.hiding(hidden) : .clear(clear)
    if let map {
      self = .map(map.path, rule)
    } else if let suffix {
      self = .suffix(suffix, rule)
    } else {
      self = known == .none ? .none : .product
    }
  }
}

extension Masking {
  /// The choice as it counts in keys, without the content of rasters.
  var canonical: JSONValue {
    [
      "from": .string(originWords), "hide": .array(hidden.names.map(JSONValue.string)),
      "grow": .number(growth),
    ]
  }

  private var originWords: String {
    switch origin {
    case .product: "product"
    case .none: "none"
    case .map(_, let rule): "map \(rule)"
    case .suffix(let suffix, let rule): "suffix \(suffix) \(rule)"
    }
  }
}
