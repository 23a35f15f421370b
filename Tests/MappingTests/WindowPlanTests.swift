import Chips
import Mapping
import Numerics
import Tasks
import Tensors
import Testing

/// One random axis or scene: extents, a window and an overlap that fits it, as a pipeline file could ask for.
struct RandomCover: CustomTestStringConvertible {
  let seed: Int
  let width, height: Int
  let window: Int
  let overlap: Int

  /// Sizes from 1 x 1 to 1,100 x 1,100, small ones as often as large ones; windows are multiples of 32.
  init(seed: Int) {
    var random = RandomSource(seed: UInt64(seed), stream: "covers")
    func extent() -> Int { 1 + random.index(below: [4, 40, 300, 1100][random.index(below: 4)]) }
    self.seed = seed
    (width, height) = (extent(), extent())
    window = 32 * (1 + random.index(below: [2, 8, 32][random.index(below: 3)]))
    // Windows that overlap almost entirely are tried where there are few: their number grows with its square.
    overlap = random.index(below: width * height < 10_000 && window <= 64 ? window : window / 2 + 1)
  }

  var testDescription: String { "seed \(seed): \(width) x \(height), window \(window), overlap \(overlap)" }

  /// The plan of an axis, with the window that sliding inference picks for it.
  func plan(_ extent: Int) -> WindowPlan {
    WindowPlan(extent: extent, fitting: window, overlap: overlap, multiple: 32)
  }
}

@Suite("Windows are arithmetic")
struct WindowPlanTests {
  @Test(
    "no window is smaller than the network can compute, however small the scene", arguments: [1, 60, 95, 96])
  func smallest(extent: Int) {
    let plan = WindowPlan(extent: extent, fitting: 512, overlap: 64, multiple: 32, smallest: 75)
    #expect(plan.size == 96 && plan.starts == [0])
    let wide = WindowPlan(extent: 300, fitting: 512, overlap: 64, multiple: 32, smallest: 75)
    #expect(wide.size == 320)
  }

  @Test("Every pixel of every axis is covered, windows ascend and share what was asked", arguments: 0..<20)
  func covers(group: Int) {
    var faults: [String] = []
    for seed in group * 100..<(group + 1) * 100 {
      let cover = RandomCover(seed: seed)
      for extent in [cover.width, cover.height] {
        let plan = cover.plan(extent)
        var isCovered = [Bool](repeating: false, count: extent)
        for start in plan.starts {
          for pixel in start..<min(extent, start + plan.size) { isCovered[pixel] = true }
        }
        let steps = zip(plan.starts, plan.starts.dropFirst()).map { $1 - $0 }
        let isSound =
          isCovered.allSatisfy(\.self) && plan.starts[0] == 0
          && steps.allSatisfy { $0 > 0 && plan.size - $0 >= min(cover.overlap, plan.size - 1) }
          && (plan.starts.last! + plan.size == extent || plan.starts == [0] && plan.size >= extent)
        if !isSound { faults.append("\(cover.testDescription), axis \(extent): \(plan.starts)") }
      }
    }
    #expect(faults.isEmpty)
  }

  @Test("As few windows as the largest would take, none larger than they need be", arguments: 0..<50)
  func fitting(seed: Int) {
    let cover = RandomCover(seed: seed)
    let plan = cover.plan(cover.width)
    let size = min(cover.window, (cover.width + 31) / 32 * 32)
    let largest = WindowPlan(extent: cover.width, size: size, overlap: min(cover.overlap, size - 1))
    #expect(plan.starts.count == largest.starts.count && plan.size <= cover.window)
    #expect(plan.size % 32 == 0)
    if plan.size > 32 && plan.size - 32 > cover.overlap {
      let smaller = WindowPlan(extent: cover.width, size: plan.size - 32, overlap: cover.overlap)
      #expect(
        smaller.starts.count > plan.starts.count || smaller.size < cover.width && plan.starts.count == 1)
    }
  }

  @Test("Pixels are final in order, up to the last one", arguments: 0..<50)
  func finished(seed: Int) {
    let cover = RandomCover(seed: seed)
    let plan = cover.plan(cover.height)
    let ends = plan.starts.indices.map(plan.finished)
    #expect(ends == ends.sorted() && Set(ends).count == ends.count && ends.last == cover.height)
    for (index, end) in ends.enumerated() {
      #expect(plan.starts.dropFirst(index + 1).allSatisfy { $0 >= end })
    }
  }

  @Test(
    "Panels divide windows and pixels among them, none wider than asked but for what windows share",
    arguments: 0..<50)
  func panels(seed: Int) {
    let plan = RandomCover(seed: seed).plan(RandomCover(seed: seed).width)
    for width in [1, 64, 500, 2048] {
      let panels = plan.panels(width: width)
      #expect(panels.flatMap(\.windows) == Array(plan.starts.indices))
      #expect(panels.flatMap(\.finished) == Array(0..<plan.extent))
      for panel in panels {
        #expect(panel.covered.lowerBound == panel.finished.lowerBound)
        #expect(panel.covered.upperBound >= panel.finished.upperBound)
        #expect(panel.covered.count <= width + plan.size || panel.windows.count == 1)
      }
    }
  }

  @Test(
    "Blend weights are positive and symmetric, the middle of a window counts most", arguments: Blend.allCases)
  func weights(blend: Blend) {
    for size in [1, 2, 3, 32, 33, 512, 8192] {
      let weights = blend.weights(size: size)
      #expect(weights.count == size && weights.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(zip(weights, weights.reversed()).allSatisfy { abs($0 - $1) <= 1e-6 * max($0, $1) + 1e-12 })
      #expect(weights[size / 2] == weights.max())
    }
  }

  @Test(
    "The sum of weights at a pixel is over the windows that hold it, and never 0", arguments: Blend.allCases)
  func sums(blend: Blend) {
    for seed in 0..<100 {
      let cover = RandomCover(seed: seed)
      let plan = cover.plan(cover.width)
      let weights = blend.weights(size: plan.size)
      let expected = (0..<plan.extent).map { pixel in
        plan.starts.filter { $0 <= pixel && pixel < $0 + plan.size }.reduce(0.0) {
          $0 + Double(weights[pixel - $1])
        }
      }
      let sums = blend.sums(over: plan)
      #expect(sums.count == plan.extent && sums.allSatisfy { $0 > 0 })
      #expect(zip(sums, expected).allSatisfy { abs(Double($0) - $1) <= 1e-5 * $1 })
    }
  }

  @Test("An axis goes on by reflection without repeating its edge, as often as needed")
  func mirror() {
    #expect((-4...8).map { Mirror.place($0, extent: 4) } == [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2])
    #expect((-5...5).allSatisfy { Mirror.place($0, extent: 1) == 0 })
    #expect((-4...4).map { Mirror.place($0, extent: 2) } == [0, 1, 0, 1, 0, 1, 0, 1, 0])
  }
}
