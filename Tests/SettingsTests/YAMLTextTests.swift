import Foundation
import Settings
import Testing

private func read(_ text: String) -> (tree: SettingNode?, mistakes: [String]) {
  let session = ReadingSession(file: "f", text: text, directory: URL(fileURLWithPath: "/"))
  let tree = SettingDocument.read(text, session: session)
  return (tree, session.diagnostics.map(\.text))
}

private let refusal = "error: anchors (&name) and aliases (*name) are not read; write it out"

/// What ends a line in YAML 1.1.
enum LineEnding: String, CaseIterable, CustomTestStringConvertible {
  case lf = "\n"
  case cr = "\r"
  case crlf = "\r\n"
  case nel = "\u{85}"
  case ls = "\u{2028}"
  case ps = "\u{2029}"
  var testDescription: String { rawValue.unicodeScalars.map { String($0.value, radix: 16) }.joined() }
}

@Suite("YAML texts of any line ending")
struct YAMLTextTests {
  /// Texts with line feeds, and the place of their first anchor or alias.
  static let anchored: [(text: String, place: String)] = [
    ("# comment\na: &a [x, x]\nb: [*a, *a]\n", "f:2:4"),
    ("a: 1\n# R & D\nb: *a\n", "f:3:4"),
    ("name: \"R & D * x\"\nb: ['&', *a]\n", "f:2:10"),
    ("? &a [x, x]\n: 1\n? &b [*a, *a]\n: 1\n", "f:1:3"),
    ("a:\n  <<: *a\n", "f:2:7"),
    ("{a: &a [x],\n b: *a}\n", "f:1:5"),
    ("a: !!seq &a [x]\n", "f:1:10"),
    ("&k name: x\n", "f:1:1"),
    ("a: 1\nb: & c\n", "f:2:4"),
    ("a: |\n  &x\n  *y\nb: &c 1\n", "f:4:4"),
    ("%YAML 1.1\n---\na: &a 1\n", "f:3:4"),
    ("--- &a\nx: 1\n", "f:1:5"),
    ("a: [[[[[[&b x]]]]]]\n", "f:1:10"),
  ]

  @Test("Anchors are refused at their place behind any line ending", arguments: LineEnding.allCases, anchored)
  func places(ending: LineEnding, bomb: (text: String, place: String)) throws {
    for text in [bomb.text, "\u{FEFF}" + bomb.text] {
      let said = read(text.replacing("\n", with: ending.rawValue)).mistakes
      try #require(said.count == 1)
      let lines = said[0].split(separator: "\n")
      #expect(lines[0] == "\(bomb.place): \(refusal)")
      // The excerpt is the line that the number names.
      let number = Int(bomb.place.split(separator: ":")[1])!
      #expect(lines[1] == bomb.text.split(separator: "\n", omittingEmptySubsequences: false)[number - 1])
    }
  }

  @Test(
    "Doublings of keys and values that stand for gigabytes are refused at once, whatever ends their lines",
    .timeLimit(.minutes(20)), arguments: LineEnding.allCases)
  func doublings(ending: LineEnding) {
    var (keys, values) = (
      "# comment\n? &a0 [x, x]\n: 1\n", "# comment\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    )
    for level in 1...30 {
      keys += "? &a\(level) [*a\(level - 1), *a\(level - 1)]\n: 1\n"
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      values += "a\(level): &a\(level) [\(aliases)]\n"
    }
    for text in [keys, values] {
      #expect(read(text.replacing("\n", with: ending.rawValue)).mistakes.count == 1)
    }
  }

  @Test("Texts keep their ampersands and asterisks, and what stands behind them its column")
  func ampersands() throws {
    let text = """
      a: R&D *x* & y
      "b & c": 'it''s *'
      "\\x26 d": "*\\
        e & f"
      g: >
        & h

        *i
      j: {k & l: 2 * 3, m: 1, m: 2}
      """
    let result = read(text)
    #expect(
      result.mistakes == [
        """
        f:9:25: error: key 'm' repeated; it stands in line 9 already
        j: {k & l: 2 * 3, m: 1, m: 2}
                                ^
        """
      ])
    let session = ReadingSession(file: "f", directory: URL(fileURLWithPath: "/"))
    let reader = SettingsReader(result.tree, name: "f", origin: nil, session: session)
    func value(_ key: String) -> String? { reader.optionalString(key, "a text") }
    #expect(value("a") == "R&D *x* & y" && value("b & c") == "it's *")
    #expect(value("& d") == "*e & f" && value("g") == "& h\n*i\n")
    #expect(reader.mapping("j", "more") { $0.optionalString("k & l", "a text") } == "2 * 3")
  }

  @Test("Repeated keys are named at their lines behind any line ending", arguments: LineEnding.allCases)
  func duplicates(ending: LineEnding) {
    let text = "a: 1\nb & c: 2\nb & c: 3\na: 4\n".replacing("\n", with: ending.rawValue)
    #expect(
      Set(read(text).mistakes) == [
        "f:3:1: error: key 'b & c' repeated; it stands in line 2 already\nb & c: 3\n^",
        "f:4:1: error: key 'a' repeated; it stands in line 1 already\na: 4\n^",
      ])
  }

  @Test(
    "Characters that no text can hold are refused with their place and number",
    arguments: [
      ("a: x\u{1B}y", "f:1:5: error: U+001B is a control character"),
      ("a: 1\r\nb: \u{9B}", "f:2:4: error: U+009B is a control character"),
      ("a: \u{7F}", "f:1:4: error: U+007F is a control character"),
      ("a: \u{FFFE}", "f:1:4: error: U+FFFE is no character"),
      ("a: \u{10FFFF}", "f:1:4: error: U+10FFFF is no character"),
      ("\"k\\u0007\": 1", "f:1:1: error: U+0007 is a control character"),
      ("a\0:\0", "f:1:2: error: U+0000 is a control character"),
    ])
  func controls(text: String, message: String) {
    let said = read(text).mistakes
    #expect(said.count == 1 && said.allSatisfy { $0.hasPrefix(message) }, "\(said)")
    #expect(said.allSatisfy { $0.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 } })
  }

  @Test("A colour that became a comment is shown where it stands")
  func colors() {
    let text = "classes:\n  - {value: 1, color: #419bdf}\n  - {value: 2,\n     color: #397d49}\nseed: 1\n"
    #expect(
      read(text).mistakes == [
        """
        f:2:23: error: # begins a comment, put quotes around it: "#419bdf"
          - {value: 1, color: #419bdf}
                              ^
        """,
        """
        f:4:13: error: # begins a comment, put quotes around it: "#397d49"
             color: #397d49}
                    ^
        """,
      ])
  }
}
