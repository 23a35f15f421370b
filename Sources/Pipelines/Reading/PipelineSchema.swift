import Settings

/// The JSON Schema (draft-07) of the pipeline file, for editors: made from what the reading code says that it reads.
public enum PipelineSchema {
  /// The schema over the stages of a registry.
  public static func json(stages registry: StageRegistry) -> JSONValue {
    guard case .object(var schema) = mapping(PipelineFile.describe(stages: registry)) else { return .null }
    schema["$schema"] = "http://json-schema.org/draft-07/schema#"
    schema["title"] = "terrane pipeline file"
    return .object(schema)
  }

  private static func mapping(_ settings: [SettingDescription]) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for setting in settings { properties[setting.key] = property(setting) }
    var schema: [String: JSONValue] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    let required = settings.filter(\.isRequired).map { JSONValue.string($0.key) }
    if !required.isEmpty { schema["required"] = .array(required) }
    return .object(schema)
  }

  private static func property(_ setting: SettingDescription) -> JSONValue {
    guard case .object(var schema) = schema(of: setting.kind) else { return .null }
    schema["description"] = .string(setting.doc)
    schema["default"] = setting.defaultValue
    return .object(schema)
  }

  /// The schema of a kind. A text such as `${vars.x}` may stand for any scalar.
  private static func schema(of kind: SettingDescription.Kind) -> JSONValue {
    switch kind {
    case .integer(let range):
      orReference(["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)])
    case .number(let range):
      orReference([
        "type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
      ])
    case .boolean: orReference(["type": "boolean"])
    case .string(let pattern, _):
      if let pattern {
        ["type": "string", "pattern": .string("^(?:\(pattern))$|\\$\\{")]
      } else {
        ["type": ["string", "number"]]
      }
    case .path: ["type": "string"]
    case .choice(let words): orReference(["enum": .array(words.map(JSONValue.string))])
    case .length: orReference(["type": ["integer", "string"], "pattern": "^[0-9.]+ ?(px|m|km)?$"])
    case .bytes: orReference(["type": ["integer", "string"], "pattern": "^[0-9.]+ ?([kKMGT]i?)?B?$"])
    case .duration: orReference(["type": ["number", "string"], "pattern": "^[0-9.]+ ?(s|min|h|d)?$"])
    case .list(let element): ["type": "array", "items": schema(of: element)]
    case .mapping(let settings): mapping(settings)
    case .dictionary: ["type": "object", "additionalProperties": ["type": ["string", "number", "boolean"]]]
    case .pathOr(let settings): ["anyOf": [["type": "string"], mapping(settings)]]
    case .oneOf(let choices): oneOf(choices)
    }
  }

  private static func orReference(_ schema: JSONValue) -> JSONValue {
    ["anyOf": [schema, ["type": "string", "pattern": "\\$\\{"]]]
  }

  /// A mapping of one key, or that key alone.
  private static func oneOf(_ choices: [SettingDescription]) -> JSONValue {
    let names = JSONValue.array(choices.map { .string($0.key) })
    let keyed = choices.map { choice -> JSONValue in
      [
        "type": "object", "properties": .object([choice.key: nullable(choice)]),
        "required": [.string(choice.key)], "additionalProperties": false,
      ]
    }
    return ["anyOf": .array([["enum": names]] + keyed)]
  }

  /// `- evaluate:` with nothing behind it has its defaults.
  private static func nullable(_ choice: SettingDescription) -> JSONValue {
    guard case .object(var schema) = property(choice) else { return .null }
    schema["type"] = ["object", "null"]
    return .object(schema)
  }
}
