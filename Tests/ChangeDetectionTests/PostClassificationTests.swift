import ChangeDetection
import Testing

@Suite("Post-classification comparison")
struct PostClassificationTests {
  @Test("From-to values, mask and counts of every pair, observed or not")
  func pairs() {
    var comparison = PostClassification(classCount: 3)
    let indices: [UInt8] = [0, 1, 2, 3, 255]
    let before = indices.flatMap { Array(repeating: $0, count: 5) }
    let after = (0..<5).flatMap { _ in indices }
    let fromTo = comparison.pairs(before: before, after: after)
    let mask = comparison.mask(of: fromTo)
    #expect(
      fromTo == [
        1, 2, 3, 0, 0,
        4, 5, 6, 0, 0,
        7, 8, 9, 0, 0,
        0, 0, 0, 0, 0,
        0, 0, 0, 0, 0,
      ])
    #expect(
      mask == [
        0, 1, 1, 255, 255,
        1, 0, 1, 255, 255,
        1, 1, 0, 255, 255,
        255, 255, 255, 255, 255,
        255, 255, 255, 255, 255,
      ])
    #expect(comparison.counts == Array(repeating: 1, count: 9))
    #expect(comparison.observed == 9 && comparison.changed == 6)
  }

  @Test("Counts add up over calls, whatever the pieces", arguments: [1, 7, 100])
  func pieces(length: Int) {
    let states: [UInt8] = [0, 1, 2, 3, 255]
    let before: [UInt8] = (0..<1000).map { states[$0 * 7 % 5] }
    let after: [UInt8] = (0..<1000).map { states[$0 / 5 % 5] }
    var (whole, parts) = (PostClassification(classCount: 4), PostClassification(classCount: 4))
    let values = whole.pairs(before: before, after: after)
    let mask = whole.mask(of: values)
    var found: (values: [UInt8], mask: [UInt8]) = ([], [])
    for start in stride(from: 0, to: 1000, by: length) {
      let end = min(1000, start + length)
      let value = parts.pairs(before: Array(before[start..<end]), after: Array(after[start..<end]))
      found.values += value
      found.mask += parts.mask(of: value)
    }
    #expect(parts.counts == whole.counts && found.values == values && found.mask == mask)
    #expect(whole.observed == mask.count { $0 != 255 } && whole.changed == mask.count { $0 == 1 })
    #expect(!values.contains { $0 > 16 } && values.count { $0 == 0 } == 1000 - whole.observed)
  }

  @Test("A speck of change goes, a hole within change fills, all else keeps its pair however small it is")
  func specks() {
    let comparison = PostClassification(classCount: 3)
    let value = { (from: UInt8, to: UInt8) in comparison.value(from: from, to: to) }
    let (trees, pond, cut, flood) = (value(0, 0), value(2, 2), value(0, 1), value(0, 2))
    // Each pixel: its pair, the sieved mask, the sieved pair, and what is left.
    let cases: [(own: UInt8, mask: UInt8, sieved: UInt8, left: UInt8)] = [
      (trees, 0, trees, trees), (cut, 1, cut, cut), (0, 255, 0, 0),
      // A speck of change, of which the pairs around are small as well; a hole, likewise.
      (cut, 0, pond, pond), (cut, 0, flood, trees), (trees, 1, cut, cut), (pond, 1, pond, pond),
      // One of several small transitions of a large field, and a pond at the border of a change.
      (flood, 1, trees, flood), (flood, 1, cut, flood), (pond, 0, cut, pond), (pond, 0, trees, pond),
    ]
    #expect(
      comparison.merged(cases.map(\.own), mask: cases.map(\.mask), sieved: cases.map(\.sieved))
        == cases.map(\.left))
    #expect(
      comparison.isChange(0) == nil && comparison.isChange(cut) == true && comparison.isChange(pond) == false)
  }

  @Test("15 classes fit a byte: every pair has a value of its own, none is 0")
  func limit() {
    let comparison = PostClassification(classCount: PostClassification.largestClassCount)
    let values = (0..<15).flatMap { from in
      (0..<15).map { comparison.value(from: UInt8(from), to: UInt8($0)) }
    }
    #expect(values == Array(1...225))
  }

  #if os(Linux) || os(macOS)
    @Test("16 classes are refused, and so are maps of different sizes")
    func refused() async {
      await #expect(processExitsWith: .failure) { _ = PostClassification(classCount: 16) }
      await #expect(processExitsWith: .failure) {
        _ = PostClassification(classCount: 2).pairs(before: [0], after: [0, 1])
      }
    }
  #endif
}
