import Chips
import Classes
import Rasters
import Testing

@Suite("Grounds of labels")
struct LabelGroundsTests {
  /// A region whose labels stand in a text: a digit is a class.
  private func drawn(_ rows: [String], at column: Int = 0) -> LabelledRegion {
    let labels = rows.joined().map { $0.wholeNumberValue.map(UInt8.init) ?? ClassIndex.none }
    return region(
      on: "here", Window(column: column, row: 0, width: rows[0].count, height: rows.count), labels)
  }

  @Test("Labels that touch are of one ground, others of others; what has no label has none")
  func patches() {
    let grounds = LabelGrounds([drawn(["00..1", "..0..", ".....", "1...."])], size: 8)
    #expect(grounds.count == 3)
    let numbers = grounds.numbers[0]
    #expect(numbers[0] == numbers[1] && numbers[0] == numbers[7])
    #expect(Set([numbers[0], numbers[4], numbers[15]]).count == 3)
    #expect(numbers[2] == -1)
  }

  @Test("A patch longer than two blocks is cut into blocks")
  func blocks() {
    let grounds = LabelGrounds([drawn([String(repeating: "0", count: 20)])], size: 4)
    #expect(grounds.count == 5)
    #expect(grounds.numbers[0] == (0..<20).map { Int32($0 / 4) })
  }

  @Test("A place that two scenes show is of one ground")
  func shared() {
    let grounds = LabelGrounds([drawn(["000.."]), drawn(["11..0"], at: 1)], size: 8)
    #expect(grounds.numbers[1][0] == grounds.numbers[0][1])
    #expect(grounds.count == 2)
  }
}
