import Foundation
import NumericOracles
import Pipelines
import Settings
import Testing

/// Reads a mapping with a closure; the mistakes without their snippets.
private func reading<Value>(
  _ text: String, _ read: (SettingsReader) -> Value
) throws -> (value: Value, canonical: String, mistakes: [String]) {
  let session = ReadingSession(
    file: "f", text: text, directory: URL(fileURLWithPath: "/base"), checksPaths: false)
  let tree = try #require(SettingDocument.read(text, session: session))
  let reader = SettingsReader(tree, name: "it", origin: nil, session: session)
  let value = read(reader)
  reader.finish()
  return (value, reader.canonical.canonical, session.diagnostics.map(\.message))
}

@Suite("Reading settings")
struct SettingsReaderTests {
  @Test("Numbers read the same however they are spelt, and mean the same key")
  func spellings() throws {
    func read(_ reader: SettingsReader) -> Double {
      reader.double("x", default: 1, in: 0...1e6, "")
        + Double(reader.int("n", default: 1, in: 0...100_000, ""))
    }
    let plain = try reading("{x: 0.0003, n: 10000}", read)
    let other = try reading("{n: 10_000, x: 3e-4}", read)
    #expect(plain.value == other.value && plain.canonical == other.canonical)
    #expect(plain.canonical == #"{"n":10000,"x":0.0003}"#)
  }

  @Test(
    "What is no number is refused: hexadecimal, infinities, commas, words",
    arguments: ["0x10", ".inf", "nan", "1,5", "one", "1.5.2", "~", "[1]"])
  func notNumbers(text: String) throws {
    let result = try reading("x: \(text)") { $0.double("x", default: 2, in: 0...9, "") }
    #expect(result.value == 2)
    #expect(result.mistakes.first?.hasPrefix("'x' must be a number from 0 to 9, not ") == true)
  }

  @Test("Truth is true or false, not yes or on", arguments: ["yes", "on", "True", "1"])
  func truth(text: String) throws {
    let result = try reading("x: \(text)") { $0.bool("x", default: false, "") }
    #expect(result.mistakes == ["'x' must be true or false, not '\(text)'"])
  }

  @Test(
    "Quantities carry their units",
    arguments: [
      ("2GiB", 2_147_483_648), ("800MiB", 838_860_800), ("1.5GB", 1_500_000_000), ("1024", 1024),
      ("64 KiB", 65_536),
    ])
  func bytes(text: String, count: Int) throws {
    #expect(try reading("x: \(text)") { $0.bytes("x", default: 0, "") }.value == count)
  }

  @Test("Lengths are pixels or metres")
  func lengths() throws {
    let result = try reading("{a: 64, b: 30m, c: 1.5km, d: 8px, e: 1.5}") { reader in
      ["a", "b", "c", "d", "e"].map { reader.length($0, default: .pixels(1), "") }
    }
    #expect(result.value == [.pixels(64), .metres(30), .metres(1500), .pixels(8), .pixels(1)])
    #expect(result.mistakes.count == 1)
    #expect(Length.metres(95).pixels(at: 10) == 10 && Length.pixels(7).pixels(at: 10) == 7)
  }

  @Test("Paths start at the pipeline file and stay out of the canonical form")
  func paths() throws {
    let result = try reading("{w: a/../b.pth, l: [c, /d]}") { reader in
      [reader.path("w", "")] + reader.paths("l", "")
    }
    #expect(result.value.map(\.path) == ["/base/b.pth", "/base/c", "/d"])
    #expect(result.canonical == "{}")
  }

  @Test(
    "Paths that are more than paths are refused",
    arguments: [
      "/vsizip/a.zip", "http://x/y.tif", "'<VRTDataset/>'", "~/x", "'NETCDF:\"a.nc\":b'", "'SENTINEL2_L2A:x'",
    ])
  func forbiddenPaths(text: String) throws {
    let result = try reading("x: \(text)") { $0.optionalPath("x", "") }
    #expect(result.mistakes.first?.hasPrefix("'x' must be a plain path: ") == true)
  }

  @Test("Every wrong element of a list is named")
  func lists() throws {
    let result = try reading("x: [1, two, 3, four]") { $0.ints("x", default: [9], in: 0...5, "") }
    #expect(result.value == [9])
    #expect(
      result.mistakes == [
        "'x[1]' must be a whole number from 0 to 5, not 'two'",
        "'x[3]' must be a whole number from 0 to 5, not 'four'",
      ])
  }

  @Test("Mappings in lists say which one is wrong")
  func mappings() throws {
    let result = try reading("x: [{a: 1}, {b: 2}]") { reader in
      reader.mappings("x", "") { $0.int("a", default: 0, in: 0...5, "") }
    }
    #expect(result.value == [1, 0])
    #expect(result.mistakes == ["unknown key 'b' in it.x[1] (known: a)"])
    #expect(result.canonical == #"{"x":[{"a":1},{"a":0}]}"#)
  }

  @Test("Defaults count in the canonical form as if they were written")
  func defaults() throws {
    func read(_ reader: SettingsReader) -> Int {
      reader.mapping("m", "") { $0.int("a", default: 4, in: 0...5, "") }
        + reader.int("b", default: 2, in: 0...5, "")
    }
    let absent = try reading("{}", read)
    let written = try reading("{b: 2, m: {a: 4}}", read)
    #expect(absent.canonical == written.canonical && absent.canonical == #"{"b":2,"m":{"a":4}}"#)
  }

  @Test("The same code reads a file and describes it")
  func describing() throws {
    let settings = Pipeline.describe(stages: FakeStages.registry)
    #expect(settings.map(\.key) == Pipeline.topLevelKeys)
    let stages = try #require(settings.first { $0.key == "stages" })
    guard case .list(.oneOf(let choices)) = stages.kind, case .mapping(let train) = choices[0].kind else {
      Issue.record("stages are described as \(stages.kind)")
      return
    }
    #expect(choices.map(\.key) == ["train", "map", "compare", "publish"])
    #expect(train[0].kind == .integer(1...10_000) && train[0].defaultValue == 30 && !train[0].isRequired)
    #expect(train[2].kind == .choice(["coral", "adabn"]) && train[2].defaultValue == "coral")
  }

  @Test("The schema is draft-07, closed, and knows ranges, choices and defaults")
  func schema() throws {
    let schema = PipelineSchema.json(stages: FakeStages.registry)
    #expect(schema["$schema"]?.text == "http://json-schema.org/draft-07/schema#")
    #expect(schema["additionalProperties"] == false)
    #expect(schema["required"] == ["sensor", "bands", "stages"])
    let text = schema.canonical
    #expect(text.contains(#""default":30,"description":"passes over the chips""#))
    #expect(text.contains(#"{"enum":["coral","adabn"]}"#))
    #expect(try JSONValue(parsing: schema.pretty) == JSONValue(parsing: text))
  }
}

@Suite("The nearest key")
struct NearestKeyTests {
  @Test(
    "A slip of the hand finds its key, a stranger none",
    arguments: [
      ("strid", "stride"), ("stirde", "stride"), ("SIZE", "size"), ("sise", "size"),
      ("learning_rate", "learning-rate"),
      ("banana", nil), ("x", nil),
    ] as [(String, String?)])
  func slips(text: String, expected: String?) {
    #expect(NearestKey.nearest(to: text, in: ["size", "stride", "learning-rate"]) == expected)
  }

  @Test(
    "The distance is a count of edits: symmetric, 0 for the same, 1 for one edit",
    arguments: 0..<100 as Range<UInt64>)
  func edits(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let letters = Array("abcd")
    func word() -> String {
      String((0..<Int.random(in: 0...7, using: &random)).map { _ in letters.randomElement(using: &random)! })
    }
    let (left, right) = (word(), word())
    #expect(NearestKey.distance(left, left) == 0)
    #expect(NearestKey.distance(left, right) == NearestKey.distance(right, left))
    #expect(NearestKey.distance(left, right) <= max(left.count, right.count))
    #expect(NearestKey.distance(left, right) >= abs(left.count - right.count))
    var edited = Array(left)
    edited.insert("z", at: Int.random(in: 0...edited.count, using: &random))
    #expect(NearestKey.distance(left, String(edited)) == 1)
  }
}
