import Checkpoints
import Chips
import Foundation
import Models
import Rasters
import Scenes
import Tasks
import Tensors

/// Slides a model over a scene of any size in bounded memory.
///
/// One thread reads and normalises rows ahead, several compute a window each, one hands finished parts of the
/// map to the sink: reading, computing and writing overlap. The map does not depend on the number of threads.
public struct SlidingInference: Sendable {
  /// The window, overlap, blend and memory of a slide.
  public struct Options: Hashable, Sendable {
    /// Side of a window in pixels at most; windows are multiples of what the model's contract says. Where a
    /// window has one answer, its side, and windows do not overlap.
    public var window: Int
    /// Pixels that neighbouring windows share.
    public var overlap: Int
    /// The weighting of pixels that windows share.
    public var blend: Blend
    /// Bytes that the process may take: libraries, weights, scene rows, scores and activations.
    public var memory: Int

    /// Creates the options of a slide.
    public init(window: Int, overlap: Int, blend: Blend, memory: Int) {
      (self.window, self.overlap, self.blend, self.memory) = (window, overlap, blend, memory)
    }
  }

  /// A reason why a scene could not be mapped.
  public enum Failure: Error, Hashable, CustomStringConvertible {
    /// Not a single pixel of the scene has a class.
    case noValidPixel
    /// Even the smallest window does not fit: bytes allowed and needed.
    case tooLittleMemory(allowed: Int, needed: Int)
    /// Windows that have one answer are smaller than the model computes: their side, and the smallest.
    case windowTooSmall(window: Int, smallest: Int)
    /// The run was asked to end.
    case cancelled

    /// The failure in one sentence.
    public var description: String {
      switch self {
      case .noValidPixel: "no pixel of the scene is valid: all no-data, or not finite"
      case .tooLittleMemory(let allowed, let needed):
        "memory: \(allowed >> 20) MiB do not hold the smallest windows; \((needed >> 20) + 1) MiB would"
      case .windowTooSmall(let window, let smallest):
        "the model computes no image below \(smallest) pixels a side; chips have \(window)"
      case .cancelled: "cancelled"
      }
    }
  }

  /// The window, overlap, blend and memory of the slide.
  public let options: Options

  /// Creates a slide with these options.
  public init(_ options: Options) { self.options = options }

  /// Maps one scene, or the part of its map that is needed, where every pixel is as in the whole map.
  ///
  /// - Parameters:
  ///   - task: what the predictor is asked.
  ///   - predictor: what answers.
  ///   - grid: the scene's grid.
  ///   - blocks: the blocks that the scene is stored in.
  ///   - isNeeded: asked of each window whether the caller needs any of its pixels; windows that it does not
  ///     need are left out, and pixels that only these see have no answer, or one that the whole map does
  ///     not have there.
  ///   - sample: takes some of the scene's pixels as they are read.
  ///   - open: opens the scene with the model's bands, on a thread of its own.
  ///   - sink: gets the finished parts, which come panel by panel and in each from top to bottom, on a thread
  ///     of its own.
  ///   - progress: gets windows done and windows in all.
  ///   - isCancelled: asked at every window.
  /// - Returns: how many pixels have an answer.
  /// - Throws: ``Failure``, what `open` and reading throw, and what `sink` throws.
  package func run<Task: PredictionTask>(
    _ task: Task, by predictor: any Predictor, grid: Grid, blocks: StoredBlocks,
    isNeeded: @Sendable (Window) -> Bool = { _ in true }, sample: DriftSample? = nil,
    open: @escaping @Sendable () throws -> Scene,
    sink: @escaping @Sendable (Task.Assembly.Part) throws -> Void, progress: (Int, Int) -> Void,
    isCancelled: () -> Bool
  ) throws -> Int {
    let plan = try SlidePlan(options, grid: grid, blocks: blocks, task, predictor)
    GDALLibrary.planBlockCache(plan.blockCache)
    defer { GDALLibrary.planBlockCache(nil) }
    guard let part = plan.part(isNeeded) else { throw Failure.noValidPixel }
    let lastRow = part.rows.upperBound - 1
    // Before several threads ask for them at once.
    plan.predictor.packWeights()
    let reader = SceneReader(
      grid: grid, panels: part.panels.map(\.covered),
      rows: plan.rows.starts[
        part.rows.lowerBound]..<min(grid.height, plan.rows.starts[lastRow] + plan.rows.size),
      normalization: predictor.normalization, ahead: plan.rowsAhead, sample: sample, open: open)
    defer { reader.close() }
    let writer = MapWriter(sink)
    let assembly = task.assembly(
      columns: plan.columns, rows: plan.rows, panels: part.panels, blend: options.blend)
    let windows = part.rows.count * part.panels.reduce(0) { $0 + $1.windows.count }
    var (done, valid) = (0, 0)
    do {
      for (index, panel) in part.panels.enumerated() {
        if index > 0 { assembly.begin(panel) }
        let slide = PanelSlide(
          panel, rows: part.rows, of: plan, grid: grid, reader: reader, assembly: assembly, writer: writer)
        valid += try slide.run(
          isNeeded: isNeeded,
          progress: {
            done += 1
            progress(done, windows)
          }, isCancelled: isCancelled)
      }
      try writer.finish()
      guard valid > 0 else { throw Failure.noValidPixel }
      return valid
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// Returns the most bytes that the process takes while a scene is mapped, whatever the model's weights are.
  ///
  /// - Throws: ``Failure/tooLittleMemory(allowed:needed:)``.
  package func peakMemory(
    of task: some PredictionTask, by predictor: any Predictor, on grid: Grid, blocks: StoredBlocks
  ) throws -> Int {
    try SlidePlan(options, grid: grid, blocks: blocks, task, predictor).bytes
  }
}
