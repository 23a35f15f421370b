import Checkpoints
import Foundation
import Layers
import Models
import Rasters
import Tensors

/// Slides a network over a scene of any size in bounded memory.
///
/// One thread reads and normalises strips ahead, several compute a window each, one hands finished rows to the sink: reading,
/// computing and writing overlap. The rows do not depend on the number of threads.
public struct SlidingInference: Sendable {
  /// How to slide.
  public struct Options: Hashable, Sendable {
    /// Side of a window in pixels at most; a multiple of ``SegmentationModel/windowMultiple``.
    public var window: Int
    /// Pixels that neighbouring windows share.
    public var overlap: Int
    /// How shared pixels are weighed.
    public var blend: Blend
    /// Bytes that the process may take: libraries, weights, scene rows, scores and activations.
    public var memory: Int

    /// Options of a slide.
    public init(window: Int, overlap: Int, blend: Blend, memory: Int) {
      (self.window, self.overlap, self.blend, self.memory) = (window, overlap, blend, memory)
    }
  }

  /// Some finished rows of a scene.
  public struct Rows: Sendable {
    /// The first row.
    public let first: Int
    /// How many rows.
    public let count: Int
    /// Class indices row by row; ``ignored`` where the scene is not valid or the network's scores are not finite.
    public let classes: [UInt8]
    /// The probability of that class, in percent; 255 where there is no class.
    public let confidence: [UInt8]
  }

  /// Why a scene could not be mapped.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// Not a single pixel of the scene has a class.
    case noValidPixel
    /// Even the smallest window does not fit: bytes allowed and needed.
    case tooLittleMemory(allowed: Int, needed: Int)
    /// The run was asked to end.
    case cancelled

    /// One sentence.
    public var description: String {
      switch self {
      case .noValidPixel: "no pixel of the scene is valid: all no-data, or not finite"
      case .tooLittleMemory(let allowed, let needed):
        "memory: \(allowed >> 20) MiB do not hold one row of windows; \((needed >> 20) + 1) MiB would"
      case .cancelled: "cancelled"
      }
    }
  }

  /// How to slide.
  public let options: Options
  private let kernels: any Kernels

  /// Slides as `options` say.
  public init(_ options: Options, kernels: any Kernels = KernelSet.standard) {
    (self.options, self.kernels) = (options, kernels)
  }

  private struct Plan {
    let columns, rows: WindowPlan
    /// The network, made ready for one window.
    let network: any PreparedInference
    /// Windows that are computed at once.
    let batch: Int
    /// The most that the process takes.
    let bytes: Int

    /// All windows row by row, left to right, as places in ``rows`` and ``columns``.
    var windows: [(row: Int, column: Int)] {
      rows.starts.indices.flatMap { row in columns.starts.indices.map { (row, $0) } }
    }
  }

  /// Maps one scene.
  ///
  /// - Parameters:
  ///   - model: the network; its card gives the bands.
  ///   - grid: the scene's grid.
  ///   - open: opens the scene with the card's bands, on a thread of its own.
  ///   - sink: gets the finished rows from top to bottom, on a thread of its own.
  ///   - progress: gets windows done and windows in all.
  ///   - isCancelled: asked at every window.
  /// - Returns: how many pixels have a class.
  /// - Throws: ``Failure``, what `open` and reading throw, and what `sink` throws.
  public func run(
    _ model: SegmentationModel, grid: Grid, open: @escaping @Sendable () throws -> Scene,
    sink: @escaping @Sendable (Rows) throws -> Void, progress: (Int, Int) -> Void, isCancelled: () -> Bool
  ) throws -> Int {
    let plan = try plan(for: grid, model)
    let rows = SceneRows(
      grid: grid, normalization: Normalization(model.card), ahead: ahead(plan.rows), open: open)
    defer { rows.close() }
    let writer = RowWriter(sink)
    do {
      let valid = try slide(
        model, plan: plan, rows: rows, writer: writer, progress: progress, isCancelled: isCancelled)
      try writer.finish()
      guard valid > 0 else { throw Failure.noValidPixel }
      return valid
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func slide(
    _ model: SegmentationModel, plan: Plan, rows: SceneRows, writer: RowWriter, progress: (Int, Int) -> Void,
    isCancelled: () -> Bool
  ) throws -> Int {
    let blender = ScoreBlender(
      columns: plan.columns, rows: plan.rows, classes: model.card.classes.count, blend: options.blend)
    let windows = plan.windows
    var (done, valid) = (0, 0)
    func finish(_ windowRow: Int) throws {
      let finished = pack(blender.finish(windowRow: windowRow), validity: rows.validity)
      valid += finished.classes.reduce(0) { $0 + ($1 == ignored ? 0 : 1) }
      try writer.put(finished)
      rows.release(before: plan.rows.finished(after: windowRow))
    }
    for start in stride(from: 0, to: windows.count, by: plan.batch) {
      if isCancelled() { throw Failure.cancelled }
      let batch = windows[start..<min(start + plan.batch, windows.count)]
      try rows.load(before: min(plan.rows.starts[batch.last!.row] + plan.rows.size, plan.rows.extent))
      let places = batch.map { (row: plan.rows.starts[$0.row], column: plan.columns.starts[$0.column]) }
      let isSeen = places.map {
        rows.hasValid(column: $0.column, row: $0.row, width: plan.columns.size, height: plan.rows.size)
      }
      let probabilities = probabilities(plan, rows, zip(places, isSeen).filter(\.1).map(\.0))
      var computed = 0
      for (window, isSeen) in zip(batch, isSeen) {
        // A batch may go on in the next row of windows: the rows above are final then.
        if window.column == 0 && window.row > 0 { try finish(window.row - 1) }
        if isSeen {
          probabilities.withValues { values in
            blender.add(
              values.baseAddress! + computed * (values.count / probabilities.shape.batch),
              windowRow: window.row, windowColumn: window.column)
          }
          computed += 1
        }
        done += 1
        progress(done, windows.count)
      }
    }
    try finish(plan.rows.starts.count - 1)
    return valid
  }

  /// Class probabilities of windows at some places, plain `[N, K, H, W]`.
  private func probabilities(_ plan: Plan, _ rows: SceneRows, _ places: [(row: Int, column: Int)]) -> Tensor {
    let (height, width) = (plan.rows.size, plan.columns.size)
    let image = plan.network.inputShape.count
    let input = Tensor(shape: [places.count, plan.network.inputShape.channels, height, width]) { target in
      nonisolated(unsafe) let target = target.baseAddress!
      parallelLoop(places.count) { index in
        rows.copy(
          column: places[index].column, row: places[index].row, width: width, height: height,
          into: target + index * image)
      }
    }
    return Softmax.probabilities(plan.network(input))
  }

  private func pack(_ rows: [ScoreBlender.Row], validity: (Int) -> ArraySlice<Bool>) -> Rows {
    let width = rows[0].classes.count
    var classes = [UInt8](repeating: ignored, count: rows.count * width)
    var confidence = [UInt8](repeating: 255, count: rows.count * width)
    for (line, row) in rows.enumerated() {
      let validity = validity(row.index)
      for column in 0..<width {
        // Scores that are not finite (weights or values out of all bounds) are no observation: a NaN would otherwise
        // become the first class, with certainty.
        let share = row.confidence[column]
        guard validity[validity.startIndex + column] && share.isFinite else { continue }
        classes[line * width + column] = row.classes[column]
        confidence[line * width + column] = UInt8(max(0, min(100, (share * 100).rounded())))
      }
    }
    return Rows(first: rows[0].index, count: rows.count, classes: classes, confidence: confidence)
  }

  // MARK: Memory

  /// The most bytes that the process takes while a scene on `grid` is mapped, whatever the network's weights are.
  ///
  /// - Throws: ``Failure/tooLittleMemory(allowed:needed:)``.
  public func peakMemory(of model: SegmentationModel, on grid: Grid) throws -> Int {
    try plan(for: grid, model).bytes
  }

  private func ahead(_ rows: WindowPlan) -> Int { max(1, rows.size - options.overlap) }

  /// The largest window, halved until it fits, and as many of them at once as fit and there are threads for.
  ///
  /// The window depends on the memory alone and not on the threads, which must not change a map.
  private func plan(for grid: Grid, _ model: SegmentationModel) throws(Failure) -> Plan {
    var window = options.window
    while true {
      let (columns, rows) = (axis(grid.width, window), axis(grid.height, window))
      let network = model.prepared(height: rows.size, width: columns.size, on: kernels)
      let once = bytesOfScene(columns, rows, width: grid.width, model) + bytes(of: model, network)
      let each = bytesOfWindow(network)
      if once + each <= options.memory {
        let windows = columns.starts.count * rows.starts.count
        let batch = min(ComputeThreads.count, windows, (options.memory - once) / each)
        return Plan(
          columns: columns, rows: rows, network: network, batch: batch, bytes: once + batch * each)
      }
      let half = window / 2 / SegmentationModel.windowMultiple * SegmentationModel.windowMultiple
      guard half > options.overlap else {
        throw .tooLittleMemory(allowed: options.memory, needed: once + each)
      }
      window = half
    }
  }

  private func axis(_ extent: Int, _ window: Int) -> WindowPlan {
    WindowPlan(
      extent: extent, fitting: window, overlap: options.overlap, multiple: SegmentationModel.windowMultiple)
  }

  /// The process with its libraries, 64 MiB of it GDAL's cache of blocks.
  private static let bytesOfProcess = 176 << 20

  /// The process, and what a scene takes besides its windows.
  private func bytesOfScene(
    _ columns: WindowPlan, _ rows: WindowPlan, width: Int, _ model: SegmentationModel
  ) -> Int {
    // A batch may reach into the next row of windows before the rows of this one are let go.
    let scene = SceneRows.bytes(
      width: width, bandCount: model.card.bands.count, height: rows.size + ahead(rows), ahead: ahead(rows))
    return Self.bytesOfProcess + scene
      + ScoreBlender.bytes(columns: columns, rows: rows, classes: model.card.classes.count)
  }

  /// The weights as loaded, the copy that is folded, and their prepared form.
  private func bytes(of model: SegmentationModel, _ network: any PreparedInference) -> Int {
    let count = model.network.parameters.all.reduce(0) { $0 + $1.tensor.shape.count }
    return 2 * count * MemoryLayout<Float>.stride + network.weightBytes
  }

  /// One window: its input, scores and probabilities, and all in between.
  private func bytesOfWindow(_ network: any PreparedInference) -> Int {
    network.bytesPerThread
      + (network.inputShape.count + 2 * network.outputShape.count) * MemoryLayout<Float>.stride
  }
}

/// Hands finished rows to the sink on a thread of its own, so that compressing and writing overlap with computing.
private final class RowWriter {
  private let queue = BoundedQueue<SlidingInference.Rows>(capacity: 1)
  private let outcome = BoundedQueue<Void>(capacity: 1)

  init(_ sink: @escaping @Sendable (SlidingInference.Rows) throws -> Void) {
    let (queue, outcome) = (queue, outcome)
    let thread = Thread {
      let result = Result<Void, any Error> { while let rows = try queue.take() { try sink(rows) } }
      if case .failure = result { queue.abandon() }
      outcome.finish(result)
    }
    thread.name = "write"
    thread.start()
  }

  func put(_ rows: SlidingInference.Rows) throws {
    if !queue.put(rows) { _ = try outcome.take() }
  }

  /// Waits until everything is written; throws what the sink threw.
  func finish() throws {
    queue.finish(.success(()))
    _ = try outcome.take()
  }

  /// Drops what is not written yet and waits for the thread.
  func abandon() {
    queue.finish(.success(()))
    _ = try? outcome.take()
  }
}
