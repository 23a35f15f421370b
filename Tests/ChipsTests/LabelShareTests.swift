import Chips
import Classes
import Rasters
import Testing

@Suite("Shares of labels")
struct LabelShareTests {
  @Test(
    "A share keeps about as many labels of each class, and those of a smaller share",
    arguments: [1, 2, 3] as [UInt64])
  func nested(seed: UInt64) {
    let window = Window(column: 0, row: 0, width: 160, height: 160)
    let labels = (0..<160 * 160).map { place -> UInt8 in
      let (row, column) = (place / 160, place % 160)
      return UInt8((row / 16 + column / 16) % 3)
    }
    let region = region(on: "here", window, labels)
    let share = LabelShare([region], block: 16, classes: 3, seed: seed)
    var smaller = Set<Int>()
    for wanted in [0.1, 0.3, 0.6, 1] {
      let kept = share.keep(wanted, of: [region])[0]
      let places = Set(kept.labels.indices.filter { kept.labels[$0] != ClassIndex.none })
      #expect(abs(Double(places.count) / Double(160 * 160) - wanted) < 0.06)
      #expect(smaller.isSubset(of: places))
      #expect(kept.counts(classes: 3).allSatisfy { $0 > 0 })
      smaller = places
    }
  }
}
