import Classes
import Foundation
import Testing

@Suite("Classes of the legend")
struct LandClassTests {
  @Test("A class is written as model cards have it, and read again as it was")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let forest = LandClass(value: 255, name: "Wälder & \"Haine\"")
    let text = try encoder.encode(forest)
    #expect(String(decoding: text, as: UTF8.self) == #"{"name":"Wälder & \"Haine\"","value":255}"#)
    #expect(try JSONDecoder().decode(LandClass.self, from: text) == forest)
  }

  @Test(
    "A class without a name, or with a value that is no byte, is refused",
    arguments: [#"{"value":1}"#, #"{"name":"sea","value":256}"#, #"{"name":"sea","value":-1}"#])
  func damaged(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LandClass.self, from: Data(json.utf8))
    }
  }

  @Test("Classes of one name and two values are two classes")
  func equality() {
    #expect(Set([LandClass(value: 1, name: "sea"), LandClass(value: 2, name: "sea")]).count == 2)
  }

  @Test("Pixels without a class hold 255, as rasters of class indices on disk do")
  func noClass() {
    #expect(ClassIndex.none == 255)
  }
}
