import Foundation
import Settings
import Testing

@Suite("JSON texts")
struct JSONParserTests {
  private static let texts: [(String, JSONValue)] = [
    ("null", .null), (" true\n", true), ("[ ]", []), ("{}", [:]), ("-0.5e2", -50.0), ("12", 12),
    ("-9223372036854775808", .int(.min)), ("1E3", 1000.0), ("12345678901234567890", 12345678901234567890.0),
    (#"{"a": [1, {"b": "c"}], "a2": false}"#, ["a": [1, ["b": "c"]], "a2": false]),
    (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"\\/\u{8}\u{C}\n\r\té😀"), (#""\ud83dx""#, "\u{FFFD}x"),
    (#"{"a": 1, "a": 2}"#, ["a": 2]), (#""é""#, "é"),
  ]

  @Test(
    "What JSON can say is read",
    arguments: texts)
  func read(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: value.pretty) == JSONValue(parsing: value.canonical))
  }

  @Test(
    "What is no JSON is refused with the place",
    arguments: [
      ("", "the text ends where a value should be at byte 0"), ("nul", "no value of JSON at byte 0"),
      ("nan", "no value of JSON at byte 0"), ("+1", "no value of JSON at byte 0"),
      ("1 2", "something stands behind the value at byte 2"), ("[1,]", "no value of JSON at byte 3"),
      ("[1", "no ',' or ']' behind an item at byte 2"), (#"{"a" 1}"#, "no ':' behind a key at byte 5"),
      ("{a: 1}", "no key at byte 1"), (#""a"#, "a string does not end at byte 2"),
      ("\"a\nb\"", "a control character in a string at byte 2"),
      (#""\x""#, "an unknown escape in a string at byte 3"),
      (#""\u12"#, "no four digits behind '\\u' at byte 3"), ("--1", "no value of JSON at byte 0"),
    ])
  func refused(_ text: String, _ words: String) {
    #expect { try JSONValue(parsing: text) } throws: { "\($0)" == words }
  }

  @Test("Values that are nested without end are refused, not followed")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect { try JSONValue(parsing: deep) } throws: { "\($0)".hasPrefix("values are nested too deep") }
  }
}
