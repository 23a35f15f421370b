import CPUKernels
import Classes
import Foundation
import Mapping
import Models
import NumericOracles
import Rasters
import Scenes
import Synchronization
import Tasks
import TestRasters
import Testing

/// Puts a map together from its parts, and holds that each pixel comes once.
private final class GatheredMap: Sendable {
  private struct Gathered {
    var classes, confidence: [UInt8]
    var times: [Int]
    /// The row at which the next part of the panel at a column has to begin.
    var next: [Int: Int] = [:]
    var isOrdered = true
  }
  private let width: Int
  private let state: Mutex<Gathered>

  init(_ grid: Grid) {
    let count = grid.width * grid.height
    width = grid.width
    state = Mutex(
      Gathered(
        classes: Array(repeating: 0, count: count), confidence: Array(repeating: 0, count: count),
        times: Array(repeating: 0, count: count)))
  }

  @Sendable func take(_ part: ClassMapPart) throws {
    state.withLock { state in
      let window = part.window
      state.isOrdered = state.isOrdered && window.row == state.next[window.column, default: 0]
      state.next[window.column] = window.row + window.height
      for index in part.classes.indices {
        let (row, column) = index.quotientAndRemainder(dividingBy: part.window.width)
        let place = (part.window.row + row) * width + part.window.column + column
        state.classes[place] = part.classes[index]
        state.confidence[place] = part.confidence[index]
        state.times[place] += 1
      }
    }
  }

  var classes: [UInt8] { state.withLock { $0.classes } }
  var confidence: [UInt8] { state.withLock { $0.confidence } }
  /// In how many panels it came.
  var panelCount: Int { state.withLock { $0.next.count } }
  /// Whether each pixel came once, those of a panel from top to bottom.
  var isWhole: Bool { state.withLock { $0.isOrdered && $0.times.allSatisfy { $0 == 1 } } }
}

/// How many of this process's threads read or write for a slide.
private func slidingThreads() -> Int {
  let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
  return tasks.count { task in
    let name = (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) ?? ""
    return ["read", "write"].contains(name.trimmingCharacters(in: .newlines))
  }
}

private struct SinkTrouble: Error {}
private struct OpenTrouble: Error {}

/// One at a time: the suite counts threads, and the number of compute threads belongs to the process.
@Suite("Sliding over scenes", .serialized)
struct SlidingInferenceTests {
  private let options = SlidingInference.Options(window: 256, overlap: 40, blend: .hann, memory: 1 << 30)

  private func slide(
    _ scene: SyntheticScene, _ model: Model, _ options: SlidingInference.Options? = nil,
    seesMirrored: Bool = false, blockWidth: Int = 1
  ) throws -> (valid: Int, map: GatheredMap) {
    let map = GatheredMap(scene.grid)
    let valid = try SlidingInference(options ?? self.options).run(
      model, seesMirrored: seesMirrored, grid: scene.grid, blocks: blocks(of: blockWidth, scene.grid),
      open: scene.open, sink: map.take,
      progress: { _, _ in }, isCancelled: { false })
    return (valid, map)
  }

  /// A scene stored in blocks of one row.
  private func blocks(of width: Int, _ grid: Grid) -> StoredBlocks {
    StoredBlocks(width: width, height: 1, extent: grid.width, bytesPerPixel: 26)
  }

  /// Gives the threads that a slide leaves a moment to end; a hang would last for ever.
  private func expectNoThread() {
    for _ in 0..<200 where slidingThreads() > 0 { usleep(10_000) }
    #expect(slidingThreads() == 0)
  }

  @Test(
    "A constant network gives a constant map over all valid pixels, 255 elsewhere",
    arguments: [(1, 1), (1, 700), (31, 33), (511, 513), (993, 1489), (5003, 67)])
  func constant(width: Int, height: Int) throws {
    let scene = try SyntheticScene(width: width, height: height, bands: 2) { _, row, column in
      (row * 7 + column * 13) % 11 == 5 || row > 0 && row < 60 && column < 100 ? .nan : Float(row % 5)
    }
    let isValid = try scene.open().read(scene.grid.bounds).valid
    let (valid, map) = try slide(scene, constantModel(bands: 2, scores: [0, 2, 1]))
    // softmax of (0, 2, 1) gives the second class 66.5 percent.
    #expect(map.classes == isValid.map { $0 ? 1 : ClassIndex.none })
    #expect(map.confidence == isValid.map { $0 ? 67 : 255 })
    #expect(map.isWhole && valid == isValid.count { $0 })
    expectNoThread()
  }

  @Test(
    "The bytes of a map do not depend on threads: one panel, panels of one window, several",
    arguments: [(203, 331, 1), (100, 500, 1), (2300, 150, 2)])
  func threads(width: Int, height: Int, panels: Int) throws {
    let scene = try SyntheticScene(width: width, height: height, bands: 3) { band, row, column in
      Float(HashedValues("scene").uniform((band * height + row) * width + column))
    }
    let model = try Model(card: card(bands: 3, classes: 4), seed: 5)
    let small = SlidingInference.Options(window: 128, overlap: 24, blend: .hann, memory: 1 << 30)
    let one = try computing(threads: 1) { try slide(scene, model, small).map }
    for threads in [2, 5] {
      let several = try computing(threads: threads) { try slide(scene, model, small).map }
      #expect(one.classes == several.classes && one.confidence == several.confidence && several.isWhole)
    }
    #expect(Set(one.classes).count > 1 && one.panelCount == panels)
  }

  @Test(
    "A needed part has the pixels of the whole map, whichever windows it takes",
    arguments: [
      (0, 0, 5, 5), (130, 40, 60, 33), (290, 300, 10, 30), (0, 331, 300, 1), (2010, 60, 90, 20),
      (2010, 42, 90, 40),
    ])
  func part(column: Int, row: Int, width: Int, height: Int) throws {
    let isWide = column > 300
    let scene = try SyntheticScene(width: isWide ? 2300 : 300, height: isWide ? 150 : 332, bands: 2) {
      band, row, column in
      Float(HashedValues("part").uniform((band * 400 + row) * 2300 + column))
    }
    let model = try Model(card: card(bands: 2, classes: 3), seed: 5)
    let sliding = SlidingInference(
      .init(window: 64, overlap: 12, blend: .hann, memory: 1 << 30))
    let needed = Window(column: column, row: row, width: width, height: height)
    let counted = Mutex(0)
    func slide(_ isNeeded: @Sendable (Window) -> Bool) throws -> GatheredMap {
      let map = GatheredMap(scene.grid)
      _ = try sliding.run(
        model, grid: scene.grid, blocks: blocks(of: 1, scene.grid), isNeeded: isNeeded, open: scene.open,
        sink: map.take, progress: { _, all in counted.withLock { $0 = all } }, isCancelled: { false })
      return map
    }
    let whole = try slide { _ in true }
    let all = counted.withLock { $0 }
    let part = try slide { $0.intersection(needed) != nil }
    #expect(counted.withLock { $0 } < all)
    for row in needed.rows {
      let line = row * scene.grid.width
      let places = line + needed.column..<line + needed.column + needed.width
      #expect(part.classes[places] == whole.classes[places])
      #expect(part.confidence[places] == whole.confidence[places])
    }
  }

  @Test("Panels change no more of a map than the rounding of sums")
  func panels() throws {
    let scene = try SyntheticScene(width: 4300, height: 90, bands: 1) { _, row, column in
      Float(HashedValues("wide").uniform(row * 4300 + column))
    }
    let model = try Model(card: card(bands: 1, classes: 4), seed: 5)
    let small = SlidingInference.Options(window: 128, overlap: 24, blend: .hann, memory: 1 << 30)
    let several = try slide(scene, model, small).map
    let one = try slide(scene, model, small, blockWidth: 4300).map
    #expect(several.isWhole && one.isWhole && Set(one.classes).count > 1)
    #expect(several.panelCount > 1 && one.panelCount == 1)
    #expect(zip(several.classes, one.classes).count { $0 != $1 } <= 2)
    #expect(zip(several.confidence, one.confidence).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  }

  @Test(
    "With test-time augmentation a mirrored scene has the mirrored map",
    arguments: [(true, false), (false, true), (true, true)])
  func mirrored(turnsRows: Bool, turnsColumns: Bool) throws {
    let (width, height) = (128, 96)
    func place(_ row: Int, _ column: Int) -> Int {
      (turnsRows ? height - 1 - row : row) * width + (turnsColumns ? width - 1 - column : column)
    }
    let scene = try SyntheticScene(width: width, height: height, bands: 1) { _, row, column in
      Float(HashedValues("mirror").uniform(row * width + column))
    }
    let turned = try SyntheticScene(width: width, height: height, bands: 1) { _, row, column in
      Float(HashedValues("mirror").uniform(place(row, column)))
    }
    let model = try Model(card: card(bands: 1, classes: 4), seed: 5)
    func maps(_ seesMirrored: Bool) throws -> (GatheredMap, GatheredMap) {
      (
        try slide(scene, model, seesMirrored: seesMirrored).map,
        try slide(turned, model, seesMirrored: seesMirrored).map
      )
    }
    func differing(_ maps: (GatheredMap, GatheredMap)) -> Int {
      let (one, other) = (maps.0.classes, maps.1.classes)
      return one.indices.count { one[$0] != other[place($0 / width, $0 % width)] }
    }
    let (plain, augmented) = (try maps(false), try maps(true))
    #expect(differing(augmented) <= 2 && differing(plain) > 100)
    // Means of probabilities: their largest is below the mean of the largest, not four times it.
    let mean = { (map: GatheredMap) in map.confidence.reduce(0.0) { $0 + Double($1) } / Double(width * height)
    }
    #expect(mean(augmented.0) < mean(plain.0) && mean(augmented.0) > 25)
  }

  @Test("The forecast of memory counts the probabilities of all classes, where a map keeps them")
  func memoryOfProbabilities() throws {
    let model = try Model(card: card(bands: 4, classes: 40), seed: 5)
    let sliding = SlidingInference(.init(window: 256, overlap: 64, blend: .hann, memory: 4 << 30))
    let grid = Grid(width: 4096, height: 4096, transform: nil, crs: nil)
    func bytes(_ task: Segmentation) throws -> Int {
      try computing(threads: 1) {
        try sliding.peakMemory(
          of: task, by: NetworkPredictor(model, task, kernels: KernelSet.standard), on: grid,
          blocks: blocks(of: 512, grid))
      }
    }
    let task = Segmentation(classes: 40)
    let (plain, keeping) = (try bytes(task), try bytes(task.keepingProbabilities))
    // Four copies of a row of windows, a byte a class: of the blended rows and of the parts that wait.
    #expect(keeping - plain >= 4 * 40 * 1024 * 256 && keeping - plain < 6 * 40 * 4096 * 256)
  }

  @Test("What a slide takes does not grow with a scene's width, and little with its height")
  func flatMemory() throws {
    let model = try Model(card: card(bands: 13, classes: 6), seed: 5)
    let sliding = SlidingInference(
      .init(window: 512, overlap: 64, blend: .hann, memory: 2 << 30))
    func megabytes(_ width: Int, _ height: Int, blockWidth: Int = 512) throws -> Int {
      let grid = Grid(width: width, height: height, transform: nil, crs: nil)
      return try computing(threads: 2) {
        try sliding.peakMemory(of: model, on: grid, blocks: blocks(of: blockWidth, grid)) >> 20
      }
    }
    let small = try megabytes(2048, 2048)
    #expect(try megabytes(100_000, 2048) < small * 110 / 100)
    #expect(try megabytes(16_384, 16_384) < small * 110 / 100)
    // Strips as long as the scene are decoded once, or as seldom as the memory allows.
    #expect(try megabytes(4096, 4096, blockWidth: 4096) > small * 120 / 100)
    #expect(try megabytes(100_000, 2048, blockWidth: 100_000) <= 2048)
    // One panel is less than what panels would share on so many rows.
    #expect(try megabytes(3000, 200_000) < small * 120 / 100)
  }

  @Test("A scene without a valid pixel, or one whose scores are not finite, is refused")
  func nothingValid() throws {
    let empty = try SyntheticScene(width: 300, height: 40, bands: 1) { _, _, _ in .nan }
    #expect(throws: SlidingInference.Failure.noValidPixel) {
      try slide(empty, constantModel(bands: 1, scores: [0, 1]))
    }
    let scene = try SyntheticScene(width: 40, height: 40, bands: 1) { _, _, _ in 1 }
    #expect(throws: SlidingInference.Failure.noValidPixel) {
      try slide(scene, constantModel(bands: 1, scores: [.nan, 1]))
    }
    expectNoThread()
  }

  @Test("A sink that fails ends the slide with its error", arguments: [0, 1, 3])
  func sinkFails(after rows: Int) throws {
    let scene = try SyntheticScene(width: 64, height: 900, bands: 1) { _, _, _ in 1 }
    let taken = Mutex(0)
    #expect(throws: SinkTrouble.self) {
      try SlidingInference(
        .init(window: 64, overlap: 8, blend: .linear, memory: 1 << 30)
      ).run(
        constantModel(bands: 1, scores: [0, 1]), grid: scene.grid, blocks: blocks(of: 1, scene.grid),
        open: scene.open,
        sink: { _ in
          let count = taken.withLock { count in
            count += 1
            return count
          }
          if count > rows { throw SinkTrouble() }
        }, progress: { _, _ in }, isCancelled: { false })
    }
    #expect(taken.withLock { $0 } == rows + 1)
    expectNoThread()
  }

  @Test("A scene that cannot be opened, or was replaced by another, ends the slide with that error")
  func openFails() throws {
    let scene = try SyntheticScene(width: 64, height: 64, bands: 1) { _, _, _ in 1 }
    let model = try constantModel(bands: 1, scores: [0, 1])
    #expect(throws: OpenTrouble.self) {
      try SlidingInference(options).run(
        model, grid: scene.grid, blocks: blocks(of: 1, scene.grid), open: { throw OpenTrouble() },
        sink: { _ in },
        progress: { _, _ in }, isCancelled: { false })
    }
    let other = Grid(width: 80, height: 64, transform: scene.grid.transform, crs: scene.grid.crs)
    let error = #expect(throws: RasterError.self) {
      try SlidingInference(options).run(
        model, grid: other, blocks: blocks(of: 1, other), open: scene.open, sink: { _ in },
        progress: { _, _ in },
        isCancelled: { false })
    }
    #expect(error?.code == .gridMismatch)
    #expect(error?.cause == "it was replaced while it was read: 64 x 64 pixels against 80 x 64")
    expectNoThread()
  }

  @Test(
    "A scene that breaks off ends the slide with the reader's error, whoever waits", arguments: [1, 2, 5])
  func breaksOff(threads: Int) throws {
    let scene = try SyntheticScene(width: 300, height: 3000, bands: 1) { _, row, column in
      Float(HashedValues("noise").uniform(row * 300 + column))
    }
    let file = try FileHandle(forUpdating: scene.directory.appendingPathComponent("scene.tif"))
    try file.truncate(atOffset: try file.seekToEnd() / 2)
    try file.close()
    let model = try constantModel(bands: 1, scores: [0, 1])
    let error = #expect(throws: RasterError.self) {
      try computing(threads: threads) { try slide(scene, model) }
    }
    #expect(error?.code == .unreadable)
    expectNoThread()
  }

  @Test("A cancelled slide ends as cancelled, after any number of windows", arguments: [0, 1, 5])
  func cancelled(after windows: Int) throws {
    let scene = try SyntheticScene(width: 100, height: 1200, bands: 1) { _, _, _ in 1 }
    var asked = 0
    #expect(throws: SlidingInference.Failure.cancelled) {
      try SlidingInference(
        .init(window: 64, overlap: 0, blend: .uniform, memory: 1 << 30)
      ).run(
        constantModel(bands: 1, scores: [0, 1]), grid: scene.grid, blocks: blocks(of: 1, scene.grid),
        open: scene.open,
        sink: { _ in }, progress: { _, _ in },
        isCancelled: {
          asked += 1
          return asked > windows
        })
    }
    expectNoThread()
  }

  @Test("Little memory halves the window, too little is said with both numbers")
  func memory() throws {
    let scene = try SyntheticScene(width: 1024, height: 1024, bands: 1) { _, _, _ in 1 }
    let model = try constantModel(bands: 1, scores: [0, 1])
    func windows(_ memory: Int) throws -> Int {
      var total = 0
      _ = try SlidingInference(
        .init(window: 512, overlap: 0, blend: .uniform, memory: memory)
      ).run(
        model, grid: scene.grid, blocks: blocks(of: 1, scene.grid), open: scene.open, sink: { _ in },
        progress: { total = $1 }, isCancelled: { false })
      return total
    }
    #expect(try windows(2 << 30) == 4)
    #expect(try windows(500 << 20) == 16)
    for (memory, threads) in [(2 << 30, 1), (2 << 30, 2), (500 << 20, 2)] {
      let sliding = SlidingInference(
        .init(window: 512, overlap: 0, blend: .uniform, memory: memory))
      let needed = try computing(threads: threads) {
        try sliding.peakMemory(of: model, on: scene.grid, blocks: blocks(of: 1, scene.grid))
      }
      #expect(needed <= memory && needed > 200 << 20)
    }
    let error = #expect(throws: SlidingInference.Failure.self) { try windows(1 << 20) }
    guard case .tooLittleMemory(let allowed, let needed) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(allowed == 1 << 20 && needed > allowed)
    #expect(
      error?.description
        == "memory: 1 MiB do not hold the smallest windows; \((needed >> 20) + 1) MiB would")
  }
}
