import Chips
import Foundation
import NumericOracles
import Tasks
import Testing

@Suite("Blending windows")
struct ScoreBlenderTests {
  /// A map put together from what a blender finishes; -1 where nothing came, -2 where more than one row did.
  private struct BlendedMap {
    var classes: [Int]
    var confidence: [Float]
  }

  /// Feeds every window of a plan to a blender, panels of `panelWidth` pixels at a time.
  private func map(
    _ columns: WindowPlan, _ rows: WindowPlan, panelWidth: Int, classes: Int, blend: Blend,
    window: (_ row: Int, _ column: Int) -> [Float]
  ) -> BlendedMap {
    let panels = columns.panels(width: panelWidth)
    let blender = ScoreBlender(columns: columns, rows: rows, panels: panels, classes: classes, blend: blend)
    var map = BlendedMap(
      classes: Array(repeating: -1, count: rows.extent * columns.extent),
      confidence: Array(repeating: 0, count: rows.extent * columns.extent))
    for panel in panels {
      if panel != panels[0] { blender.begin(panel) }
      var next = 0
      for row in rows.starts.indices {
        for column in panel.windows {
          window(row, column).withUnsafeBufferPointer {
            blender.add($0.baseAddress!, windowRow: row, windowColumn: column)
          }
        }
        for line in blender.finish(windowRow: row) {
          #expect(line.index == next && line.classes.count == panel.finished.count)
          next += 1
          for (offset, column) in panel.finished.enumerated() {
            let place = line.index * columns.extent + column
            map.classes[place] = map.classes[place] == -1 ? Int(line.classes[offset]) : -2
            map.confidence[place] = line.confidence[offset]
          }
        }
      }
    }
    return map
  }

  @Test("A constant network gives a constant map: 2,000 sizes, no row twice, none missed", arguments: 0..<20)
  func constant(group: Int) {
    var faults: [String] = []
    for seed in group * 100..<(group + 1) * 100 {
      let cover = RandomCover(seed: seed)
      let (columns, lines) = (cover.plan(cover.width), cover.plan(cover.height))
      let area = columns.size * lines.size
      let scores = [Float](repeating: 0.25, count: area) + [Float](repeating: 0.75, count: area)
      let blend = Blend.allCases[seed % 3]
      let panelWidth = [1, 100, 400, 2048][seed % 4]
      let found = map(columns, lines, panelWidth: panelWidth, classes: 2, blend: blend) { _, _ in scores }
      let isConstant =
        found.classes.allSatisfy { $0 == 1 } && found.confidence.allSatisfy { abs($0 - 0.75) < 1e-4 }
      if !isConstant { faults.append(cover.testDescription) }
    }
    #expect(faults.isEmpty)
  }

  @Test(
    "The map is the weighted mean of the windows, as its definition in Double has it",
    arguments: Blend.allCases,
    [
      (1, 1, 0, 32), (5, 70, 31, 32), (47, 33, 9, 400), (100, 64, 20, 400), (100, 64, 20, 1),
      (100, 64, 20, 24),
      (130, 65, 29, 1), (130, 65, 29, 6), (65, 130, 16, 16),
    ])
  func definition(blend: Blend, size: (width: Int, height: Int, overlap: Int, panelWidth: Int)) {
    let classes = 3
    let columns = WindowPlan(extent: size.width, size: 32, overlap: size.overlap)
    let lines = WindowPlan(extent: size.height, size: 32, overlap: size.overlap)
    func window(_ row: Int, _ column: Int) -> [Float] {
      let noise = HashedValues("window \(row) \(column)")
      return (0..<classes * 32 * 32).map { Float(0.5 + 0.5 * noise.uniform($0)) }
    }
    let found = map(
      columns, lines, panelWidth: size.panelWidth, classes: classes, blend: blend, window: window)

    let weights = blend.weights(size: 32).map(Double.init)
    var sums = [Double](repeating: 0, count: classes * size.width * size.height)
    var total = [Double](repeating: 0, count: size.width * size.height)
    for (i, top) in lines.starts.enumerated() {
      for (j, left) in columns.starts.enumerated() {
        let scores = window(i, j)
        for row in 0..<min(32, size.height - top) {
          for column in 0..<min(32, size.width - left) {
            let place = (top + row) * size.width + left + column
            total[place] += weights[row] * weights[column]
            for index in 0..<classes {
              sums[index * total.count + place] +=
                weights[row] * weights[column] * Double(scores[(index * 32 + row) * 32 + column])
            }
          }
        }
      }
    }
    let isClose = found.classes.indices.allSatisfy { place in
      let shares = (0..<classes).map { sums[$0 * total.count + place] / total[place] }
      return found.classes[place] >= 0 && shares[found.classes[place]] > shares.max()! - 1e-5
        && abs(Double(found.confidence[place]) - shares.max()!) < 1e-5
    }
    #expect(isClose)
  }

  @Test("A blender holds one row of a panel's windows, and the columns that panels share")
  func memory() {
    let columns = WindowPlan(extent: 1000, size: 256, overlap: 32)
    let low = WindowPlan(extent: 256, size: 256, overlap: 32)
    let high = WindowPlan(extent: 1_000_000, size: 256, overlap: 32)
    let whole = columns.panels(width: 1000)
    #expect(ScoreBlender.bytes(rows: low, panels: whole, classes: 6) == 256 * 6 * 1000 * 4)
    #expect(ScoreBlender.bytes(rows: high, panels: whole, classes: 6) == 256 * 6 * 1000 * 4)
    let wide = WindowPlan(extent: 256 + 224 * 99, size: 256, overlap: 32)
    #expect(
      ScoreBlender.bytes(rows: low, panels: wide.panels(width: 448), classes: 6)
        == 256 * 6 * (256 + 224 + 32) * 4)
  }

  @Test(
    "Probabilities in percent add up to 100, lie within 1 of the blended ones and keep their order",
    arguments: [1, 2, 3, 9, 60])
  func percentages(classes: Int) {
    let noise = HashedValues("percentages \(classes)")
    let columns = WindowPlan(extent: 90, size: 32, overlap: 8)
    let rows = WindowPlan(extent: 32, size: 32, overlap: 8)
    let panels = columns.panels(width: 40)
    let scores = (0..<columns.starts.count).map { window in
      (0..<classes * 32 * 32).map { Float(pow(noise.uniform(window * 99_991 + $0), 4)) + 1e-6 }
    }
    func finished(_ panels: [Panel], keeps: Bool) -> [ScoreBlender.Row] {
      let blender = ScoreBlender(
        columns: columns, rows: rows, panels: panels, classes: classes, blend: .hann,
        keepsProbabilities: keeps)
      var found: [ScoreBlender.Row] = []
      for panel in panels {
        if panel != panels[0] { blender.begin(panel) }
        for column in panel.windows {
          scores[column].withUnsafeBufferPointer {
            blender.add($0.baseAddress!, windowRow: 0, windowColumn: column)
          }
        }
        found += blender.finish(windowRow: 0)
      }
      return found
    }
    var faults = 0
    for (row, plain) in zip(finished(panels, keeps: true), finished(panels, keeps: false)) {
      #expect(row.classes == plain.classes && row.confidence == plain.confidence)
      #expect(plain.percentages.isEmpty && row.percentages.count == classes * row.classes.count)
      for column in row.classes.indices {
        let shares = (0..<classes).map { Int(row.percentages[$0 * row.classes.count + column]) }
        let isWhole = shares.reduce(0, +) == 100
        let isLargest = shares[Int(row.classes[column])] == shares.max()
        if !isWhole || !isLargest { faults += 1 }
      }
    }
    #expect(faults == 0)
    // Where one window alone says what a pixel is, the shares are those of its scores.
    let first = finished(panels, keeps: true)[5]
    for column in 0..<8 {
      let own = (0..<classes).map { scores[0][($0 * 32 + 5) * 32 + column] }
      let sum = own.reduce(0, +)
      let shares = (0..<classes).map { Float(first.percentages[$0 * first.classes.count + column]) }
      for index in 0..<classes { #expect(abs(shares[index] - 100 * own[index] / sum) < 1.001) }
      for one in 0..<classes {
        for other in 0..<classes where own[one] > own[other] { #expect(shares[one] >= shares[other]) }
      }
    }
  }
}
