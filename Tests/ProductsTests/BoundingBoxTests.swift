import Products
import Testing

@Suite("The extent of a collection")
struct BoundingBoxTests {
  @Test(
    "The smallest box around boxes goes across 180 degrees where that is shorter",
    arguments: [
      ([[10, 1, 12, 3.0]], [10, 1, 12, 3.0]),
      ([[10, 1, 12, 3], [-5, -7, -4, 2]], [-5, -7, 12, 3]),
      ([[170, 0, 175, 1], [-178, 0, -170, 1]], [170, 0, -170, 1]),
      ([[170, 0, -165, 1], [-178, 0, -170, 1]], [170, 0, -165, 1]),
      ([[170, 0, -165, 1], [-10, 0, 10, 1]], [170, 0, 10, 1]),
      ([[-180, -90, 180, 90], [3, 4, 5, 6]], [-180, -90, 180, 90]),
      ([[-170, 0, 0, 1], [-10, 0, 175, 1]], [-170, 0, 175, 1]),
    ])
  func box(boxes: [[Double]], expected: [Double]) {
    #expect(BoundingBox(boxes)?.numbers == expected)
    #expect(BoundingBox(boxes.reversed())?.numbers == expected)
  }

  @Test("There is none around nothing")
  func nothing() { #expect(BoundingBox([]) == nil) }
}
