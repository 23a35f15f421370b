import Settings
import Testing

@Suite("Areas in pipeline files")
struct AreaTests {
  @Test(
    "Pixels, square metres, hectares and square kilometres are read; the spelling is one of two",
    arguments: [
      ("50", "50"), ("50px", "50"), ("500m2", "500.0m2"), ("0.5ha", "5000.0m2"), ("0.5 ha", "5000.0m2"),
      ("2km2", "2000000.0m2"),
    ])
  func reading(text: String, spelling: String) { #expect(Area(text: text)?.text == spelling) }

  @Test(
    "Anything else is none",
    arguments: ["", "0", "0ha", "-1", "1.5", "1.5px", "3m", "ha", "1e3", "5 acres", "1_0"])
  func refused(text: String) { #expect(Area(text: text) == nil) }

  @Test("An area on the ground is the pixels that have it or more; without a pixel's size nobody knows")
  func pixels() {
    #expect(Area(text: "0.5ha")?.smallestRegion(ofPixels: 100) == 50)
    #expect(Area(text: "0.5ha")?.smallestRegion(ofPixels: 900) == 6)
    #expect(Area(text: "0.3ha")?.smallestRegion(ofPixels: 100) == 30)
    #expect(Area(text: "1m2")?.smallestRegion(ofPixels: 100) == 1)
    #expect(Area(text: "1ha")?.smallestRegion(ofPixels: nil) == nil)
    #expect(Area(text: "7")?.smallestRegion(ofPixels: nil) == 7)
  }
}
