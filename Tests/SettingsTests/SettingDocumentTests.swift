import Foundation
import NumericOracles
import Settings
import Testing

private func read(_ text: String) -> (tree: SettingNode?, mistakes: [String]) {
  let session = ReadingSession(file: "f", text: text, directory: URL(fileURLWithPath: "/"))
  let tree = SettingDocument.read(text, session: session)
  return (tree, session.diagnostics.map { $0.text.split(separator: "\n").first.map(String.init) ?? "" })
}

@Suite("YAML as settings")
struct SettingDocumentTests {
  @Test(
    "Anchors and aliases are refused wherever a value can begin",
    arguments: [
      ("a: &x 1", "f:1:4"), ("a: 1\nb: *x", "f:2:4"), ("a: [1, *x]", "f:1:8"), ("- &x 1", "f:1:3"),
      ("&x a: 1", "f:1:1"), ("a: {b: *x}", "f:1:8"), ("? *x\n: 1", "f:1:3"), ("a: !t &x 1", "f:1:7"),
      ("a:\n  *x", "f:2:3"), ("a: \"q\"\nb: &x 1", "f:2:4"),
    ])
  func aliases(text: String, place: String) {
    #expect(
      read(text).mistakes == [
        "\(place): error: anchors (&name) and aliases (*name) are not read; write it out"
      ])
  }

  @Test(
    "Ampersands and asterisks inside texts are texts",
    arguments: [
      "a: R&D", "a: 2 * 3", "a: 'x' # &y *z", "a: \"&x\"", "a: '*x'", "a: |\n  &x\n  *y\nb: 1", "a: b - *c",
    ])
  func texts(text: String) {
    #expect(read(text).mistakes.isEmpty)
  }

  @Test("A few hundred bytes that stand for gigabytes are refused at once", .timeLimit(.minutes(20)))
  func bomb() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      text +=
        "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
        + "]\n"
    }
    text += "? *a30\n: 1\n"
    #expect(read(text).mistakes.count == 1)
  }

  @Test("Every repeated key is named, in every mapping, at each of its later places")
  func duplicates() {
    let text = "a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\n\"a\": 3\ne:\n  - {f: 1, f: 2}\n"
    let result = read(text)
    #expect(
      Set(result.mistakes) == [
        "f:3:1: error: key 'a' repeated; it stands in line 1 already",
        "f:4:1: error: key 'a' repeated; it stands in line 1 already",
        "f:2:17: error: key 'c' repeated; it stands in line 2 already",
        "f:6:12: error: key 'f' repeated; it stands in line 6 already",
      ])
    #expect(result.mistakes.count == 4)
  }

  @Test(
    "What is not YAML, or too much of it, is said with its place",
    arguments: [
      (
        "a: [1, 2", "f:2:1: error: not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"
      ),
      ("a: 1\n b: 2", "f:2:3: error: not YAML: mapping values are not allowed in this context"),
      (
        "a: 1\n---\nb: 2",
        "f:2:1: error: not YAML: but found another document (expected a single document in the stream)"
      ),
      (
        "a: {b: ${c}}",
        "f:1:9: error: not YAML: did not find expected ',' or '}' (while parsing a flow mapping);"
          + " between { } or [ ] put quotes around \"${...}\""
      ),
      ("", "f: error: the file is empty"),
      ("# nothing", "f: error: the file is empty"),
      ("a: {<<: {b: 1}}", "f:1:5: error: merge keys (<<) are not read; write it out"),
      ("[a, b]: 1", "f:1:1: error: a key must be text"),
      (
        String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
        "f:1:34: error: nested more than 32 deep"
      ),
    ])
  func refused(text: String, message: String) {
    #expect(read(text).mistakes == [message])
  }

  @Test("Nesting of any depth ends in a message, not in a crash", arguments: [900, 5_000, 400_000])
  func deep(depth: Int) {
    #expect(!read(String(repeating: "[", count: depth)).mistakes.isEmpty)
    #expect(!read(String(repeating: "- ", count: depth)).mistakes.isEmpty)
  }

  @Test("A million and one bytes are too many")
  func tooLarge() {
    let text = "a: " + String(repeating: "x", count: 999_998)
    #expect(
      read(text).mistakes == ["f: error: the file has 1000001 bytes; 1000000 are the most that is read"])
  }

  @Test("Damaged files end in a message or a tree, never in a crash", arguments: 0..<200 as Range<UInt64>)
  func damaged(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let whole = Array("a: {b: [1, \"two\", 'x'], c: &d e}\nf:\n  - {g: *d}\n  - |\n   t\nb: 1\nb: 2\n".utf8)
    var bytes = whole
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] = UInt8.random(in: 0..<128, using: &random)
    }
    let result = read(String(decoding: bytes, as: UTF8.self))
    #expect(result.tree != nil || !result.mistakes.isEmpty)
  }
}
