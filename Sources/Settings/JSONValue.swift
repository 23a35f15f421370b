import Foundation

/// A JSON value: settings in their canonical form, metrics of a task, records of a run.
///
/// Integers and fractions are kept apart so that a key's text never depends on how a number was spelt.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A fraction; NaN and infinities are written as the strings `"nan"`, `"inf"`, `"-inf"`, which JSON lacks.
  case number(Double)
  /// Text.
  case string(String)
  /// A list, in order.
  case array([JSONValue])
  /// A mapping; written with sorted keys.
  case object([String: JSONValue])

  /// The member of an object, nil for other values.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The number behind an `int` or a `number`, nil for other values.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text behind a `string`, nil for other values.
  public var text: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The members of an object; nil for any other value.
  package var members: [String: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The value as one line, with keys sorted by their bytes and no spaces: the form that is hashed into keys.
  public var canonical: String {
    var text = ""
    write(to: &text, indent: nil, level: 0)
    return text
  }

  /// The value as several lines for people, with keys sorted, two spaces an indent, ending with a line feed.
  public var pretty: String {
    var text = ""
    write(to: &text, indent: 2, level: 0)
    return text + "\n"
  }

  private func write(to text: inout String, indent: Int?, level: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .number(let value): text += JSONValue.spelling(of: value)
    case .string(let value): JSONValue.quote(value, into: &text)
    case .array(let items):
      JSONValue.enclose("[", items, "]", into: &text, indent, level) { item, text in
        item.write(to: &text, indent: indent, level: level + 1)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      JSONValue.enclose("{", sorted, "}", into: &text, indent, level) { member, text in
        JSONValue.quote(member.key, into: &text)
        text += indent == nil ? ":" : ": "
        member.value.write(to: &text, indent: indent, level: level + 1)
      }
    }
  }

  private static func enclose<Item>(
    _ open: String, _ items: [Item], _ close: String, into text: inout String, _ indent: Int?,
    _ level: Int, write: (Item, inout String) -> Void
  ) {
    func lineBreak(_ level: Int) -> String {
      indent.map { "\n" + String(repeating: " ", count: $0 * level) } ?? ""
    }
    text += open
    for (index, item) in items.enumerated() {
      if index > 0 { text += "," }
      text += lineBreak(level + 1)
      write(item, &text)
    }
    if !items.isEmpty { text += lineBreak(level) }
    text += close
  }

  /// Returns Swift's shortest text that reads back as the same Double, independent of the locale.
  private static func spelling(of value: Double) -> String {
    if value.isNaN { return "\"nan\"" }
    if value.isInfinite { return value > 0 ? "\"inf\"" : "\"-inf\"" }
    return value == 0 ? "0.0" : "\(value)"  // -0.0 and 0.0 mean the same setting
  }

  private static func quote(_ value: String, into text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // A terminal takes those from 127 to 159 for orders, too.
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: Codable {
  /// Encodes a value as JSON; null where it cannot be written.
  package init(encoding value: some Encodable) {
    self =
      (try? JSONEncoder().encode(value)).flatMap { try? JSONDecoder().decode(JSONValue.self, from: $0) }
      ?? .null
  }

  /// Reads any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Each wrong guess costs an error; the commonest kinds come first.
    if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Writes the value as JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .number(let value) where value.isFinite: try container.encode(value)
    case .number(let value): try container.encode("\(value)")
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Creates a whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// Creates a fraction.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// Creates a truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Creates a list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Creates a mapping; of two members with one key the later counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}
