import Foundation
import Settings
import Testing

@Suite("JSON texts")
struct JSONParsingTests {
  private static let texts: [(String, JSONValue)] = [
    ("null", .null), (" true\n", true), ("[ ]", []), ("{}", [:]), ("-0.5e2", -50.0), ("12", 12), ("1", 1),
    ("0", 0), ("-9007199254740993", -9_007_199_254_740_993), ("9223372036854775807", .int(.max)),
    ("1E3", 1000.0),
    ("1.0", 1.0), ("12345678901234567890", 12345678901234567890.0),
    ("9007199254740993", 9_007_199_254_740_993),
    (#"{"a": [1, {"b": "c"}], "a2": false}"#, ["a": [1, ["b": "c"]], "a2": false]),
    (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"\\/\u{8}\u{C}\n\r\té😀"), (#""é""#, "é"),
  ]

  @Test("What JSON can say is read, whole numbers apart from fractions", arguments: texts)
  func read(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: value.pretty) == JSONValue(parsing: value.canonical))
  }

  @Test(
    "What is no JSON is refused in Foundation's words",
    arguments: [
      ("", "end of file"), ("nul", "end of file"), ("nan", "character"), ("+1", "character 0"),
      ("1 2", "character 2"), ("[1", "end of file"), (#"{"a" 1}"#, "character 5"), (#""a"#, "end of file"),
      ("\"a\nb\"", "character 2"), ("--1", "character"),
    ])
  func refused(_ text: String, _ words: String) {
    #expect { try JSONValue(parsing: text) } throws: { "\($0)".contains(words) }
  }

  @Test("Values that are nested without end are refused, not followed")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect { try JSONValue(parsing: deep) } throws: { "\($0)".hasPrefix("Too many nested") }
  }
}
