import Foundation
import Settings

/// Holds a value against a JSON Schema: of draft-07 the words that terrane's schema uses.
struct SchemaValidator {
  let schema: JSONValue

  /// What is wrong with a value, each with its path; empty where it is valid.
  func problems(of value: JSONValue) -> [String] { problems(of: value, under: schema, at: "") }

  /// A schema, or the one that it refers to.
  func resolved(_ schema: JSONValue) -> JSONValue {
    guard let reference = schema["$ref"]?.text, let place = reference.wholeMatch(of: /#\/\$defs\/(.+)/) else {
      return schema
    }
    return self.schema["$defs"]?[String(place.1)] ?? ["enum": []]
  }

  private func problems(of value: JSONValue, under schema: JSONValue, at path: String) -> [String] {
    let schema = resolved(schema)
    var problems: [String] = []
    if case .array(let choices) = schema["anyOf"] {
      let found = choices.map { self.problems(of: value, under: $0, at: path) }
      if !found.contains(where: \.isEmpty) { problems += found.flatMap(\.self) }
    }
    if let type = schema["type"], !isOf(type, value) {
      problems.append("\(path): \(value.canonical) is no \(type.canonical)")
    }
    if case .array(let words) = schema["enum"], !words.contains(value) {
      problems.append("\(path): \(value.canonical) is none of the words")
    }
    if let pattern = schema["pattern"]?.text, let text = value.text, !matches(text, pattern) {
      problems.append("\(path): '\(text)' does not match \(pattern)")
    }
    if let number = value.double {
      if let least = schema["minimum"]?.double, number < least { problems.append("\(path): below \(least)") }
      if let most = schema["maximum"]?.double, number > most { problems.append("\(path): above \(most)") }
    }
    if case .array(let items) = value, let element = schema["items"] {
      for (index, item) in items.enumerated() {
        problems += self.problems(of: item, under: element, at: "\(path)[\(index)]")
      }
    }
    if let members = value.members { problems += self.problems(of: members, under: schema, at: path) }
    return problems
  }

  private func problems(of members: [String: JSONValue], under schema: JSONValue, at path: String) -> [String]
  {
    var problems: [String] = []
    if case .array(let required) = schema["required"] {
      problems += required.compactMap(\.text).filter { members[$0] == nil }.map { "\(path): needs \($0)" }
    }
    for (key, value) in members {
      if let own = schema["properties"]?[key] {
        problems += self.problems(of: value, under: own, at: "\(path).\(key)")
      } else if schema["additionalProperties"] == false {
        problems.append("\(path): unknown key \(key)")
      } else if let other = schema["additionalProperties"] {
        problems += self.problems(of: value, under: other, at: "\(path).\(key)")
      }
    }
    return problems
  }

  private func isOf(_ type: JSONValue, _ value: JSONValue) -> Bool {
    if case .array(let types) = type { return types.contains { isOf($0, value) } }
    switch (type.text, value) {
    case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
      ("integer", .int), ("number", .int), ("number", .number):
      return true
    default: return false
    }
  }

  private func matches(_ text: String, _ pattern: String) -> Bool {
    text.range(of: pattern, options: .regularExpression) != nil
  }
}
