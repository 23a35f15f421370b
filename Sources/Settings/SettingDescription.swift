/// The meaning of a key of the pipeline file, recorded by the code that reads it: the source of
/// `terrane schema`, of "did you mean" and of the starter file's comments.
public struct SettingDescription: Sendable, Hashable {
  /// The kind of value behind a key.
  public indirect enum Kind: Sendable, Hashable {
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// A number within bounds.
    case number(ClosedRange<Double>)
    /// `true` or `false`.
    case boolean
    /// Text; the pattern, where there is one, is a regular expression that the whole text matches, as the
    /// example does.
    case string(pattern: String?, example: String?)
    /// A file or directory, relative to the pipeline file.
    case path
    /// One of a few words.
    case choice([String])
    /// Pixels, or metres with a unit.
    case length
    /// Pixels, or square metres, hectares or square kilometres with their unit.
    case area
    /// Bytes, with a unit or without.
    case bytes
    /// Seconds, or another time with a unit.
    case duration
    /// A list of one kind.
    case list(Kind)
    /// A mapping with keys of its own.
    case mapping([SettingDescription])
    /// A mapping with keys that the file chooses.
    case dictionary(Kind)
    /// A path, or a mapping with keys of its own.
    case pathOr([SettingDescription])
    /// A text, which stands behind one of the keys, or a mapping with keys of its own.
    case textOr([SettingDescription])
    /// A mapping of exactly one of these keys: a stage.
    case oneOf([SettingDescription])
  }

  /// The key.
  public var key: String
  /// The kind of value behind the key.
  public var kind: Kind
  /// Whether a file without the key is wrong.
  public var isRequired: Bool
  /// The value where the key is absent; nil where there is none or where the key is required.
  public var defaultValue: JSONValue?
  /// One line on what it does.
  public var doc: String

  package init(key: String, kind: Kind, isRequired: Bool, defaultValue: JSONValue? = nil, doc: String) {
    (self.key, self.kind, self.isRequired) = (key, kind, isRequired)
    (self.defaultValue, self.doc) = (defaultValue, doc)
  }
}

extension SettingDescription.Kind {
  /// The settings of the mapping that may be written, or of each in a list; empty for any other kind.
  package var nested: [SettingDescription] {
    switch self {
    case .mapping(let settings), .pathOr(let settings), .textOr(let settings), .oneOf(let settings): settings
    case .list(let element), .dictionary(let element): element.nested
    default: []
    }
  }

  /// The phrase for a value of this kind in messages: "must be ...".
  package var phrase: String {
    switch self {
    case .integer(let range):
      "a whole number "
        + Self.bounds(
          range.lowerBound == .min ? nil : "\(range.lowerBound)",
          range.upperBound == .max ? nil : "\(range.upperBound)")
    case .number(let range):
      "a number "
        + Self.bounds(
          range.lowerBound == -.greatestFiniteMagnitude ? nil : Self.plain(range.lowerBound),
          range.upperBound == .greatestFiniteMagnitude ? nil : Self.plain(range.upperBound))
    case .boolean: "true or false"
    case .string(_, let example): example.map { "text like \($0)" } ?? "text"
    case .path: "a path"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .length: "a length in pixels (64) or metres (30m)"
    case .area: "an area in pixels (50) or on the ground (500m2, 0.5ha)"
    case .bytes: "a size in bytes (800MiB, 2GiB)"
    case .duration: "a time (90s, 5min, 2h)"
    case .list(let element): "a list, each " + element.phrase
    case .mapping, .dictionary: "a mapping"
    case .pathOr: "a path or a mapping"
    case .textOr: "a word or a mapping"
    case .oneOf: "a mapping of one key"
    }
  }

  private static func bounds(_ low: String?, _ high: String?) -> String {
    switch (low, high) {
    case (let low?, let high?): "from \(low) to \(high)"
    case (let low?, nil): "of at least \(low)"
    case (nil, let high?): "of at most \(high)"
    case (nil, nil): "of any size"
    }
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}
