import Settings

/// A result of a job: a figure, a text, a list or a table under a stable key.
///
/// Later jobs read findings as values; `summary.json` and the table at the end of a run render them for
/// people. A finding is about what its job is about; rows of a table say what each of them is about.
public struct Finding: Sendable, Hashable {
  /// The value of a finding.
  public enum Value: Sendable, Hashable {
    /// A finite number, in the unit of the finding.
    case number(Double)
    /// A yes or no.
    case flag(Bool)
    /// A word or a sentence.
    case text(String)
    /// Texts, in order.
    case list([String])
    /// Finite numbers, in order.
    case series([Double])
    /// Rows of one kind.
    case table(FindingTable)
  }

  /// The name for programs (`changed-hectares`).
  public let key: String
  /// The name for people.
  public let title: String
  /// The unit of a number; nil for a number without one.
  public let unit: String?
  /// The value that was found.
  public let value: Value

  /// Creates a finding under a key.
  public init(_ key: FindingKey, _ value: Value) {
    (self.key, title, unit, self.value) = (key.name, key.title, key.unit, value)
  }

  /// Creates a finding of a number; nil where there is none, or one that JSON cannot hold.
  public init?(_ key: FindingKey, _ number: Double?) {
    guard let number, number.isFinite else { return nil }
    self.init(key, .number(number))
  }

  /// Creates a finding of a count.
  public init(_ key: FindingKey, _ count: Int) { self.init(key, .number(Double(count))) }

  /// Creates a finding of a text; nil where there is none.
  public init?(_ key: FindingKey, _ text: String?) {
    guard let text else { return nil }
    self.init(key, .text(text))
  }

  /// The number, nil for other values.
  public var number: Double? { if case .number(let number) = value { number } else { nil } }
  /// The text, nil for other values.
  public var text: String? { if case .text(let text) = value { text } else { nil } }
  /// The table, nil for other values.
  public var table: FindingTable? { if case .table(let table) = value { table } else { nil } }
}

extension [Finding] {
  /// The finding under a key; nil where there is none.
  public subscript(_ key: FindingKey) -> Finding? { first { $0.key == key.name } }

  /// The findings by their keys, as `summary.json` holds them.
  var json: JSONValue {
    .object(Dictionary(map { ($0.key, $0.json) }, uniquingKeysWith: { first, _ in first }))
  }
}

extension Finding: Codable {
  private enum CodingKeys: CodingKey { case key, title, unit, value }

  /// `title`, `value`, and `unit` where there is one.
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = ["title": .string(title), "value": value.json]
    members["unit"] = unit.map(JSONValue.string)
    return .object(members)
  }

  /// Reads a finding as `summary.json` holds it under its key; nil for JSON that is none.
  init?(key: String, _ json: JSONValue) {
    guard let title = json["title"]?.text, let value = json["value"].flatMap(Value.init) else { return nil }
    (self.key, self.title, self.value) = (key, title, value)
    unit = json["unit"]?.text
  }

  /// Reads a finding.
  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    key = try members.decode(String.self, forKey: .key)
    title = try members.decode(String.self, forKey: .title)
    unit = try members.decodeIfPresent(String.self, forKey: .unit)
    let json = try members.decode(JSONValue.self, forKey: .value)
    guard let value = Value(json) else {
      throw DecodingError.dataCorruptedError(
        forKey: .value, in: members, debugDescription: "no value of a finding: \(json.canonical)")
    }
    self.value = value
  }

  /// Writes `key`, `title`, `unit` and `value`.
  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(key, forKey: .key)
    try members.encode(title, forKey: .title)
    try members.encodeIfPresent(unit, forKey: .unit)
    try members.encode(value.json, forKey: .value)
  }
}

extension Finding.Value {
  fileprivate var json: JSONValue {
    switch self {
    case .number(let number): JSONValue(whole: number)
    case .flag(let flag): .bool(flag)
    case .text(let text): .string(text)
    case .list(let texts): .array(texts.map(JSONValue.string))
    case .series(let numbers): .array(numbers.map(JSONValue.init(whole:)))
    case .table(let table): table.json
    }
  }

  /// Reads a value from JSON; nil for JSON that is no value of a finding.
  fileprivate init?(_ json: JSONValue) {
    switch json {
    case .int, .number: self = .number(json.double!)
    case .bool(let flag): self = .flag(flag)
    case .string(let text): self = .text(text)
    case .array(let items):
      let (texts, numbers) = (items.compactMap(\.text), items.compactMap(\.double))
      guard texts.count == items.count || numbers.count == items.count else { return nil }
      self = texts.count == items.count ? .list(texts) : .series(numbers)
    case .object:
      guard let table = FindingTable(json) else { return nil }
      self = .table(table)
    case .null: return nil
    }
  }
}

extension JSONValue {
  /// Creates a number, written without a fraction where it has none.
  fileprivate init(whole number: Double) { self = Int(exactly: number).map(JSONValue.int) ?? .number(number) }
}
