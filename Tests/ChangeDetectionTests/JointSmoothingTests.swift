import ChangeDetection
import Testing

@Suite("Joint smoothing of two class maps")
struct JointSmoothingTests {
  private typealias Map = JointSmoothing.Map

  /// By the definition, pixel by pixel.
  private func defined(_ before: Map, _ after: Map, width: Int, classes: Int, radius: Int) -> [[UInt8]] {
    let height = before.classes.count / width
    func probability(_ map: Map, _ place: Int, _ index: Int) -> Double {
      let own = Double(map.confidence[place]) / 100
      return Int(map.classes[place]) == index ? own : (1 - own) / Double(classes - 1)
    }
    func isSeen(_ place: Int) -> Bool {
      Int(before.classes[place]) < classes && Int(after.classes[place]) < classes
    }
    var found = [[UInt8]](repeating: [UInt8](repeating: 255, count: width * height), count: 2)
    for place in 0..<width * height where isSeen(place) {
      let (row, column) = (place / width, place % width)
      var best = -1.0
      for from in 0..<classes {
        for to in 0..<classes {
          var sum = 0.0
          for y in max(0, row - radius)...min(height - 1, row + radius) {
            for x in max(0, column - radius)...min(width - 1, column + radius) where isSeen(y * width + x) {
              sum += probability(before, y * width + x, from) * probability(after, y * width + x, to)
            }
          }
          if sum > best + 1e-9 { (best, found[0][place], found[1][place]) = (sum, UInt8(from), UInt8(to)) }
        }
      }
    }
    return found
  }

  @Test("It is the definition, whatever rows are asked for", arguments: [1, 2])
  func definition(radius: Int) {
    let (width, height, classes) = (13, 11, 3)
    // Odd multiples modulo primes scatter like numbers drawn, and no two sums are alike.
    let before = Map(
      classes: (0..<width * height).map { $0 % 17 == 3 ? 255 : UInt8($0 * 7 % 11 % classes) },
      confidence: (0..<width * height).map { UInt8(40 + $0 * 37 % 59) })
    let after = Map(
      classes: (0..<width * height).map { UInt8($0 * 5 % 13 % classes) },
      confidence: (0..<width * height).map { UInt8(41 + $0 * 29 % 58) })
    let smoothing = JointSmoothing(classCount: classes, radius: radius)
    let expected = defined(before, after, width: width, classes: classes, radius: radius)
    let whole = smoothing.smoothed(before: before, after: after, width: width, rows: 0..<height)
    #expect(whole.before == expected[0] && whole.after == expected[1])
    let inner = smoothing.smoothed(before: before, after: after, width: width, rows: 4..<7)
    #expect(inner.before == Array(expected[0][4 * width..<7 * width]))
  }

  @Test("A speck of one map in unchanged ground goes, a change of several pixels stays")
  func specks() {
    let (width, height) = (12, 12)
    let before = Map(classes: Array(repeating: 0, count: 144), confidence: Array(repeating: 90, count: 144))
    var later = [UInt8](repeating: 0, count: 144)
    later[2 * width + 2] = 1
    for row in 6..<10 { for column in 6..<10 { later[row * width + column] = 1 } }
    let after = Map(classes: later, confidence: Array(repeating: 80, count: 144))
    let found = JointSmoothing(classCount: 2, radius: 1).smoothed(
      before: before, after: after, width: width, rows: 0..<height)
    #expect(found.before.allSatisfy { $0 == 0 })
    #expect(
      found.after[2 * width + 2] == 0 && found.after[7 * width + 7] == 1 && found.after[6 * width + 7] == 1)
  }
}
