import Foundation
import Pipelines
import Settings
import Testing

/// The JSON Schema of the pipeline file, as an editor uses it.
@Suite("Schema")
struct SchemaTests {
  private static let schema = PipelineSchema.json(stages: .standard)
  private static let validator = SchemaValidator(schema: schema)
  private static let pipelines = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("pipelines")
  private static let examples = ((try? FileManager.default.contentsOfDirectory(atPath: pipelines.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  /// A YAML text as an editor sees it: what stands without quotes may be a number or a truth value.
  private static func value(of text: String) throws -> JSONValue {
    let session = ReadingSession(file: "pipeline.yaml", text: text, directory: URL(fileURLWithPath: "/"))
    let node = try #require(SettingDocument.read(text, session: session))
    return value(of: node)
  }

  private static func value(of node: SettingNode) -> JSONValue {
    switch node.content {
    case .sequence(let items): return .array(items.map(value))
    case .mapping(let entries):
      return .object(Dictionary(entries.map { ($0.key, value(of: $0.value)) }, uniquingKeysWith: { $1 }))
    case .scalar(let text, let isQuoted):
      if node.isNull { return .null }
      guard !isQuoted else { return .string(text) }
      if let truth = Bool(text) { return .bool(truth) }
      return Int(text).map(JSONValue.int) ?? Double(text).map(JSONValue.number) ?? .string(text)
    }
  }

  @Test("Each example pipeline is valid", arguments: examples)
  func example(file: String) throws {
    let text = try String(contentsOf: Self.pipelines.appendingPathComponent(file), encoding: .utf8)
    #expect(Self.validator.problems(of: try Self.value(of: text)) == [])
  }

  @Test("There are examples to hold against it")
  func thereAreExamples() { #expect(Self.examples.count >= 9) }

  @Test(
    "A mistake is found, also in a setting that several stages take",
    arguments: [
      ("learning-rate: 3e-4", "learning-rat: 3e-4", "unknown key learning-rat"),
      ("learning-rate: 3e-4", "learning-rate: fast", "'fast' does not match"),
      ("learning-rate: 3e-4", "learning-rate: 30", "above 10.0"),
      ("strategy: full", "strategy: half", "\"half\" is none of the words"),
      ("flips: true", "flips: 8", #"8 is no ["boolean","string"]"#),
      ("sensor: sentinel-2-l2a", "name: x", "needs sensor"),
    ])
  func mistake(written: String, instead: String, message: String) throws {
    let text = """
      sensor: sentinel-2-l2a
      bands: [B02]
      stages:
        - pretrain-load
        - fine-tune: {strategy: full, learning-rate: 3e-4, augmentation: {flips: true}}
        - evaluate:
            candidates:
              - {name: other, strategy: full, learning-rate: 3e-4, augmentation: {flips: true}}
      """
    #expect(Self.validator.problems(of: try Self.value(of: text)) == [])
    let wrong = text.replacing(written, with: instead)
    let problems = Self.validator.problems(of: try Self.value(of: wrong))
    #expect(problems.contains { $0.contains(message) }, "\(problems)")
  }

  @Test("A setting that several stages take is written once, and the whole stays below 120 kB")
  func size() {
    let text = Self.schema.pretty
    #expect(text.utf8.count < 120_000, "\(text.utf8.count) bytes")
    #expect(text.ranges(of: "the share of steps in which the rate climbs").count == 1)
  }

  @Test("It has every setting that the reading code knows, and no other")
  func completeness() {
    var described: Set<String> = []
    func describe(_ settings: [SettingDescription], below path: String) {
      for setting in settings {
        described.insert("\(path).\(setting.key)")
        describe(setting.kind.nested, below: "\(path).\(setting.key)")
      }
    }
    describe(Pipeline.describe(stages: .standard), below: "")
    var written: Set<String> = []
    func read(_ schema: JSONValue, below path: String) {
      let schema = Self.validator.resolved(schema)
      for (key, own) in schema["properties"]?.members ?? [:] {
        written.insert("\(path).\(key)")
        read(own, below: "\(path).\(key)")
      }
      if let items = schema["items"] { read(items, below: path) }
      if case .array(let choices) = schema["anyOf"] { for choice in choices { read(choice, below: path) } }
    }
    read(Self.schema, below: "")
    #expect(written == described)
    #expect(described.count > 300)
  }
}
