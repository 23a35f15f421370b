import Checkpoints
import Foundation
import Layers
import Models
import Rasters
import Tensors

/// Slides a network over a scene of any size in bounded memory.
///
/// One thread reads and normalises rows ahead, several compute a window each, one hands finished parts of the map to the sink:
/// reading, computing and writing overlap. The map does not depend on the number of threads.
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

  /// A finished part of a map.
  public struct Part: Sendable {
    /// Where it lies in the scene.
    public let window: Window
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
        "memory: \(allowed >> 20) MiB do not hold the smallest windows; \((needed >> 20) + 1) MiB would"
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

  /// Maps one scene.
  ///
  /// - Parameters:
  ///   - model: the network; its card gives the bands.
  ///   - grid: the scene's grid.
  ///   - blockWidth: the width of the blocks that the scene is stored in; see ``Rasters/Scene/blockWidth``.
  ///   - open: opens the scene with the card's bands, on a thread of its own.
  ///   - sink: gets the finished parts, which come panel by panel and in each from top to bottom, on a thread of its own.
  ///   - progress: gets windows done and windows in all.
  ///   - isCancelled: asked at every window.
  /// - Returns: how many pixels have a class.
  /// - Throws: ``Failure``, what `open` and reading throw, and what `sink` throws.
  public func run(
    _ model: SegmentationModel, grid: Grid, blockWidth: Int, open: @escaping @Sendable () throws -> Scene,
    sink: @escaping @Sendable (Part) throws -> Void, progress: (Int, Int) -> Void, isCancelled: () -> Bool
  ) throws -> Int {
    let plan = try plan(of: model, on: grid, blockWidth: blockWidth)
    let rows = SceneRows(
      grid: grid, panels: plan.panels.map(\.covered), normalization: Normalization(model.card),
      ahead: plan.rowsAhead, open: open)
    defer { rows.close() }
    let writer = MapWriter(sink)
    do {
      let valid = try slide(
        plan, rows, classes: model.card.classes.count, writer, progress: progress, isCancelled: isCancelled)
      try writer.finish()
      guard valid > 0 else { throw Failure.noValidPixel }
      return valid
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// The most bytes that the process takes while a scene is mapped, whatever the network's weights are.
  ///
  /// - Throws: ``Failure/tooLittleMemory(allowed:needed:)``.
  public func peakMemory(of model: SegmentationModel, on grid: Grid, blockWidth: Int) throws -> Int {
    try plan(of: model, on: grid, blockWidth: blockWidth).bytes
  }

  private func plan(of model: SegmentationModel, on grid: Grid, blockWidth: Int) throws(Failure) -> SlidePlan
  {
    try SlidePlan(options, grid: grid, blockWidth: blockWidth, model, kernels: kernels)
  }

  private func slide(
    _ plan: SlidePlan, _ rows: SceneRows, classes: Int, _ writer: MapWriter, progress: (Int, Int) -> Void,
    isCancelled: () -> Bool
  ) throws -> Int {
    let blender = ScoreBlender(
      columns: plan.columns, rows: plan.rows, panels: plan.panels, classes: classes, blend: options.blend)
    let total = plan.rows.starts.count * plan.columns.starts.count
    var (done, valid) = (0, 0)
    for (index, panel) in plan.panels.enumerated() {
      if index > 0 {
        rows.begin(panel.covered)
        blender.begin(panel)
      }
      valid += try slide(
        plan, panel, rows, blender, writer,
        progress: {
          done += 1
          progress(done, total)
        }, isCancelled: isCancelled)
    }
    return valid
  }

  /// Maps one panel from top to bottom; returns how many of its pixels have a class.
  private func slide(
    _ plan: SlidePlan, _ panel: Panel, _ rows: SceneRows, _ blender: ScoreBlender, _ writer: MapWriter,
    progress: () -> Void, isCancelled: () -> Bool
  ) throws -> Int {
    let windows = plan.windows(of: panel)
    var valid = 0
    func finish(_ windowRow: Int) throws {
      let part = pack(
        blender.finish(windowRow: windowRow), columns: panel.finished, validity: rows.validity)
      valid += part.classes.reduce(0) { $0 + ($1 == ignored ? 0 : 1) }
      try writer.put(part)
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
        if window.column == panel.windows.lowerBound && window.row > 0 { try finish(window.row - 1) }
        if isSeen {
          probabilities.withValues { values in
            blender.add(
              values.baseAddress! + computed * (values.count / probabilities.shape.batch),
              windowRow: window.row, windowColumn: window.column)
          }
          computed += 1
        }
        progress()
      }
    }
    try finish(plan.rows.starts.count - 1)
    return valid
  }

  /// Class probabilities of windows at some places, plain `[N, K, H, W]`.
  private func probabilities(_ plan: SlidePlan, _ rows: SceneRows, _ places: [(row: Int, column: Int)])
    -> Tensor
  {
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

  private func pack(
    _ rows: [ScoreBlender.Row], columns: Range<Int>, validity: (Int) -> ArraySlice<Bool>
  ) -> Part {
    let width = columns.count
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
    return Part(
      window: Window(column: columns.lowerBound, row: rows[0].index, width: width, height: rows.count),
      classes: classes, confidence: confidence)
  }
}
