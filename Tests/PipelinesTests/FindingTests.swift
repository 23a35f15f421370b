import Foundation
import Runs
import Settings
import Testing

@Suite("What tasks find out")
struct FindingTests {
  static let length = FindingKey("edge-length", "length of all edges", unit: "m")
  static let findings: [Finding] = [
    Finding(length, .number(0.125)), Finding(length, 12), Finding(length, .flag(true)),
    Finding(length, .text("long")), Finding(length, .list(["a", "b"])), Finding(length, .list([])),
    Finding(length, .series([1, 0.5])),
    Finding(
      length,
      .table(FindingTable([.init("name"), .init("length", unit: "m")], [["a", 1.5], ["b", nil]]))),
  ]

  @Test("A finding is read as it was written", arguments: findings)
  func reading(finding: Finding) throws {
    #expect(try JSONDecoder().decode(Finding.self, from: JSONEncoder().encode(finding)) == finding)
  }

  @Test("A value that no finding has is refused", arguments: ["null", #"["a", 1]"#, #"{"rows": [1]}"#, "{}"])
  func wrong(value: String) {
    let text = #"{"key": "a", "title": "b", "value": \#(value)}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Finding.self, from: Data(text.utf8)) }
  }

  @Test("What is not known is left out, and what JSON has no word for")
  func unknown() {
    for number in [nil, Double.nan, .infinity, -.infinity] { #expect(Finding(Self.length, number) == nil) }
    let table = FindingTable(
      [.init("name"), .init("length")], [["a", .number(.nan)], ["b", .null], ["c", 2]])
    #expect(table.rows == [["name": "a"], ["name": "b"], ["name": "c", "length": 2]])
    #expect(table.row(where: "name", is: "c")?["length"] == 2 && table.row(where: "name", is: "d") == nil)
  }
}
