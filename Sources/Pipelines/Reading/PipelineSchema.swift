import Settings

/// The JSON Schema (draft-07) of the pipeline file, for editors: made from what the reading code says that it
/// reads.
///
/// A setting that several places take alike is written once, below `$defs`; the places refer to it.
public struct PipelineSchema {
  private let repeated: RepeatedSettings

  /// Returns the schema over the stages of a registry.
  public static func json(stages registry: StageRegistry) -> JSONValue {
    let settings = Pipeline.describe(stages: registry)
    let writer = PipelineSchema(repeated: RepeatedSettings(in: settings))
    guard case .object(var schema) = writer.mapping(settings) else { return .null }
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = "terrane pipeline file"
    schema["$defs"] = writer.definitions
    return .object(schema)
  }

  private var definitions: JSONValue {
    var members = [Self.substitution: orSubstitution()]
    for (setting, place) in repeated.firstPlaces { members[place] = property(setting) }
    for (element, place) in repeated.firstElements { members[place] = mapping(element) }
    return .object(members)
  }

  /// The name below `$defs` of the schema of a text such as `${vars.x}`.
  private static let substitution = "substitution"

  private static func reference(to name: String) -> JSONValue { ["$ref": .string("#/$defs/\(name)")] }

  private func mapping(_ settings: [SettingDescription]) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for setting in settings {
      properties[setting.key] =
        repeated.firstPlaces[setting].map(Self.reference) ?? property(setting)
    }
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    let required = settings.filter(\.isRequired).map { JSONValue.string($0.key) }
    if !required.isEmpty { schema["required"] = .array(required) }
    return .object(schema)
  }

  private func property(_ setting: SettingDescription) -> JSONValue {
    guard case .object(var schema) = schema(of: setting.kind) else { return .null }
    schema["description"] = .string(setting.doc)
    schema["default"] = setting.defaultValue
    return .object(schema)
  }

  private func schema(of kind: SettingDescription.Kind) -> JSONValue {
    switch kind {
    case .integer(let range):
      orSubstitution(["integer"], ["minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)])
    case .number(let range):
      orSubstitution(
        ["number"], ["minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)])
    case .boolean: orSubstitution(["boolean"])
    case .string(let pattern, _):
      if let pattern { orSubstitution(matching: pattern) } else { ["type": ["string", "number"]] }
    case .path: ["type": "string"]
    case .choice(let words):
      ["anyOf": [["enum": .array(words.map(JSONValue.string))], Self.reference(to: Self.substitution)]]
    case .length: orSubstitution(["integer"], matching: "[0-9.]+ ?(px|m|km)?")
    case .area: orSubstitution(["integer"], matching: "[0-9.]+ ?(px|m2|ha|km2)?")
    case .bytes: orSubstitution(["integer"], matching: "[0-9.]+ ?([kKMGT]i?)?B?")
    case .duration: orSubstitution(["number"], matching: "[0-9.]+ ?(s|min|h|d)?")
    case .list(let element): ["type": "array", "items": items(element)]
    case .mapping(let settings): mapping(settings)
    case .dictionary: ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean"]]]
    case .pathOr(let settings), .textOr(let settings): ["anyOf": [["type": "string"], mapping(settings)]]
    case .oneOf(let choices): oneOf(choices)
    }
  }

  /// Returns the schema of the elements of a list.
  private func items(_ kind: SettingDescription.Kind) -> JSONValue {
    guard case .mapping(let settings) = kind, let place = repeated.firstElements[settings] else {
      return schema(of: kind)
    }
    return Self.reference(to: place)
  }

  /// Returns the schema of a value of one of these types within bounds, or of a text: one that matches the
  /// pattern, or holds what another text is put in for, such as `${vars.x}`.
  private func orSubstitution(
    _ types: [String] = [], _ bounds: [String: JSONValue] = [:], matching pattern: String? = nil
  ) -> JSONValue {
    var schema = bounds
    let names = (types + ["string"]).map(JSONValue.string)
    schema["type"] = names.count == 1 ? names[0] : .array(names)
    schema["pattern"] = .string(pattern.map { "^(?:\($0))$|\\$\\{" } ?? "\\$\\{")
    return .object(schema)
  }

  /// Returns the schema of a mapping of one key, or of that key alone.
  private func oneOf(_ choices: [SettingDescription]) -> JSONValue {
    let names = JSONValue.array(choices.map { .string($0.key) })
    let keyed = choices.map { choice -> JSONValue in
      [
        "type": "object", "properties": .object([choice.key: nullable(choice)]),
        "required": [.string(choice.key)], "additionalProperties": false,
      ]
    }
    return ["anyOf": .array([["enum": names]] + keyed)]
  }

  /// Returns a choice's schema that also allows null: `- evaluate:` with nothing behind it has its defaults.
  private func nullable(_ choice: SettingDescription) -> JSONValue {
    guard case .object(var schema) = property(choice) else { return .null }
    schema["type"] = ["object", "null"]
    return .object(schema)
  }
}
