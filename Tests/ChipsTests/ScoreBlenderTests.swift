import Chips
import NumericOracles
import Tensors
import Testing

@Suite("Blending windows")
struct ScoreBlenderTests {
  /// Feeds every window of a plan to a blender and gathers the rows in the order in which they come.
  private func rows(
    _ columns: WindowPlan, _ rows: WindowPlan, classes: Int, blend: Blend,
    window: (_ row: Int, _ column: Int) -> [Float]
  ) -> [ScoreBlender.Row] {
    let blender = ScoreBlender(columns: columns, rows: rows, classes: classes, blend: blend)
    var result: [ScoreBlender.Row] = []
    for row in rows.starts.indices {
      for column in columns.starts.indices {
        window(row, column).withUnsafeBufferPointer {
          blender.add($0.baseAddress!, windowRow: row, windowColumn: column)
        }
      }
      result += blender.finish(windowRow: row)
    }
    return result
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
      let found = rows(columns, lines, classes: 2, blend: blend) { _, _ in scores }
      let isConstant = found.allSatisfy { row in
        row.classes.count == cover.width && row.confidence.count == cover.width
          && row.classes.allSatisfy { $0 == 1 } && row.confidence.allSatisfy { abs($0 - 0.75) < 1e-4 }
      }
      if !isConstant || found.map(\.index) != Array(0..<cover.height) { faults.append(cover.testDescription) }
    }
    #expect(faults.isEmpty)
  }

  @Test(
    "The map is the weighted mean of the windows, as its definition in Double has it",
    arguments: Blend.allCases, [(1, 1, 0), (5, 70, 31), (47, 33, 9), (100, 64, 20), (65, 130, 16)])
  func definition(blend: Blend, size: (width: Int, height: Int, overlap: Int)) {
    let classes = 3
    let columns = WindowPlan(extent: size.width, size: 32, overlap: size.overlap)
    let lines = WindowPlan(extent: size.height, size: 32, overlap: size.overlap)
    func window(_ row: Int, _ column: Int) -> [Float] {
      let noise = HashedValues("window \(row) \(column)")
      return (0..<classes * 32 * 32).map { Float(0.5 + 0.5 * noise.uniform($0)) }
    }
    let found = rows(columns, lines, classes: classes, blend: blend, window: window)

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
    for row in found {
      for column in 0..<size.width {
        let place = row.index * size.width + column
        let shares = (0..<classes).map { sums[$0 * total.count + place] / total[place] }
        let best = Int(row.classes[column])
        #expect(abs(Double(row.confidence[column]) - shares.max()!) < 1e-5)
        #expect(shares[best] > shares.max()! - 1e-5)
      }
    }
  }

  @Test("A blender holds one row of windows, whatever the scene's height")
  func memory() {
    let columns = WindowPlan(extent: 1000, size: 256, overlap: 32)
    let low = WindowPlan(extent: 256, size: 256, overlap: 32)
    let high = WindowPlan(extent: 1_000_000, size: 256, overlap: 32)
    #expect(ScoreBlender.bytes(columns: columns, rows: low, classes: 6) == 256 * 6 * 1000 * 4)
    #expect(
      ScoreBlender.bytes(columns: columns, rows: high, classes: 6)
        == ScoreBlender.bytes(columns: columns, rows: low, classes: 6))
  }
}
