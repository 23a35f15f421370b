import Radar
import Testing

@Suite("Times of annotations")
struct AnnotationTimeTests {
  @Test("Seconds between times are exact, over the end of a leap February and a year, too")
  func differences() throws {
    let start = try #require(AnnotationTime("2024-02-28T23:59:59.999999"))
    let later = try #require(AnnotationTime("2024-03-01T00:00:00.000001"))
    #expect(abs(later.seconds(since: start) - 86400.000002) < 1e-9)
    let year = try #require(AnnotationTime("2025-02-28T23:59:59.999999"))
    #expect(year.seconds(since: start) == 366 * 86400)
    #expect(try #require(AnnotationTime("2024-02-28T23:59:59.9Z")) < start)
  }

  @Test(
    "Other texts are none",
    arguments: [
      "", "2024-02-28", "2024-02-28 23:59:59", "2024-13-28T23:59:59", "2024-02-28T24:59:59",
      "2024-02-28T23:59:59.", "2024-02-28T23:59:59.12345678901", "2024-02-28T23:59:5x",
    ])
  func refused(text: String) { #expect(AnnotationTime(text) == nil) }
}
