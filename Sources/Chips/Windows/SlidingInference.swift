import Checkpoints
import Foundation
import Layers
import Models
import Rasters
import Tensors

/// Slides a network over a scene of any size in bounded memory.
///
/// One thread reads and normalises strips ahead, one computes window by window, one hands finished rows to the sink:
/// reading, computing and writing overlap. The rows do not depend on the number of threads.
public struct SlidingInference: Sendable {
  /// How to slide.
  public struct Options: Hashable, Sendable {
    /// Side of a window in pixels; a multiple of ``SegmentationModel/windowMultiple``.
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

  /// Slides as `options` say.
  public init(_ options: Options) { self.options = options }

  private struct Plan {
    let columns, rows: WindowPlan
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
    let total = plan.rows.starts.count * plan.columns.starts.count
    var (done, valid) = (0, 0)
    for (windowRow, row) in plan.rows.starts.enumerated() {
      try rows.load(before: min(row + plan.rows.size, plan.rows.extent))
      for (windowColumn, column) in plan.columns.starts.enumerated() {
        if isCancelled() { throw Failure.cancelled }
        if let probabilities = probabilities(model, plan: plan, rows: rows, row: row, column: column) {
          probabilities.withValues {
            blender.add($0.baseAddress!, windowRow: windowRow, windowColumn: windowColumn)
          }
        }
        done += 1
        progress(done, total)
      }
      let finished = pack(blender.finish(windowRow: windowRow), validity: rows.validity)
      valid += finished.classes.reduce(0) { $0 + ($1 == ignored ? 0 : 1) }
      try writer.put(finished)
      rows.release(before: plan.rows.finished(after: windowRow))
    }
    return valid
  }

  /// Class probabilities of one window, plain `[1, K, H, W]`; nil where no pixel of it is valid.
  private func probabilities(
    _ model: SegmentationModel, plan: Plan, rows: SceneRows, row: Int, column: Int
  ) -> Tensor? {
    var anyValid = false
    let shape: Shape = [1, model.card.bands.count, plan.rows.size, plan.columns.size]
    let input = Tensor(shape: shape) { target in
      anyValid = rows.copy(
        column: column, row: row, width: plan.columns.size, height: plan.rows.size, into: target.baseAddress!)
    }
    guard anyValid else { return nil }
    let pass = Pass(.inference)
    let scores = model.network(Value(input), in: pass).scores.tensor
    return Softmax.probabilities(pass.tape.kernels.plain(scores))
  }

  private func pack(_ rows: [ScoreBlender.Row], validity: (Int) -> ArraySlice<Bool>) -> Rows {
    var (classes, confidence) = ([UInt8](), [UInt8]())
    for row in rows {
      for (column, isValid) in validity(row.index).enumerated() {
        // Scores that are not finite (weights or values out of all bounds) are no observation: a NaN would otherwise
        // become the first class, with certainty.
        let share = row.confidence[column]
        let isSeen = isValid && share.isFinite
        classes.append(isSeen ? row.classes[column] : ignored)
        confidence.append(isSeen ? UInt8(max(0, min(100, (share * 100).rounded()))) : 255)
      }
    }
    return Rows(first: rows[0].index, count: rows.count, classes: classes, confidence: confidence)
  }

  // MARK: Memory

  private func ahead(_ rows: WindowPlan) -> Int { max(1, rows.size - options.overlap) }

  /// The largest window, halved until everything fits.
  private func plan(for grid: Grid, _ model: SegmentationModel) throws(Failure) -> Plan {
    var window = options.window
    while true {
      let plan = Plan(columns: axis(grid.width, window), rows: axis(grid.height, window))
      let needed = bytes(plan, width: grid.width, model)
      if needed <= options.memory { return plan }
      let half = window / 2 / SegmentationModel.windowMultiple * SegmentationModel.windowMultiple
      guard half > options.overlap else {
        throw .tooLittleMemory(allowed: options.memory, needed: needed)
      }
      window = half
    }
  }

  /// A short axis takes the smallest window that holds it.
  private func axis(_ extent: Int, _ window: Int) -> WindowPlan {
    let multiple = SegmentationModel.windowMultiple
    let size = min(window, (extent + multiple - 1) / multiple * multiple)
    return WindowPlan(extent: extent, size: size, overlap: min(options.overlap, size - 1))
  }

  /// What a slide takes at its peak.
  ///
  /// Measured as resident memory on 774 x 1,177 pixels of 6 bands, windows of 256, 512 and 768, less rows and scores: 496 to
  /// 555 bytes a window pixel for U-Net over ResNet-18, 502 to 533 over ResNet-34, above 200 and 280 MiB: the process, and
  /// weights of 55 and 93 MiB twice, as loaded and in the layout of the kernels.
  private func bytes(_ plan: Plan, width: Int, _ model: SegmentationModel) -> Int {
    let (bands, classes) = (model.card.bands.count, model.card.classes.count)
    let window = plan.rows.size * plan.columns.size
    let weights =
      model.network.parameters.all.reduce(0) { $0 + $1.tensor.shape.count } * MemoryLayout<Float>.stride
    let scene = SceneRows.bytes(
      width: width, bandCount: bands, height: plan.rows.size, ahead: ahead(plan.rows))
    return (96 << 20) + 2 * weights + scene
      + ScoreBlender.bytes(columns: plan.columns, rows: plan.rows, classes: classes)
      + window * (600 + 8 * (bands + classes))
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
