import Chips
import Foundation
import Layers
import Numerics
import Rasters
import Tasks
import Tensors

/// Slides over one panel: each thread computes a window, waits for its turn, adds it to the map and takes the
/// next one.
///
/// Turns follow the order of the windows, so that sums do not depend on the number of threads. While one
/// thread blends or loads rows the others compute.
final class PanelSlide<Assembly: Assembler>: @unchecked Sendable {
  private struct Turn {
    let index: Int
    let row, column: Int
    let rows: PanelRows
  }

  private let plan: SlidePlan
  private let panel: Panel
  /// The windows row by row, left to right, as places in the plan's rows and columns.
  private let windows: [(row: Int, column: Int)]
  private let reader: SceneReader
  private let writer: MapWriter<Assembly.Part>
  /// The map that the windows are added to; used by the thread whose turn it is, and by no other.
  private let assembly: Assembly

  // The condition guards the properties that follow.
  private let condition = NSCondition()
  private var rows: PanelRows
  private var begun = 0
  private var blended = 0
  private var valid = 0
  private var failure: (any Error)?

  init(
    _ panel: Panel, rows windowRows: Range<Int>, of plan: SlidePlan, grid: Grid, reader: SceneReader,
    assembly: Assembly, writer: MapWriter<Assembly.Part>
  ) {
    (self.plan, self.panel, self.reader, self.writer) = (plan, panel, reader, writer)
    self.assembly = assembly
    windows = windowRows.flatMap { row in panel.windows.map { (row, $0) } }
    rows = PanelRows(grid: grid, columns: panel.covered)
  }

  /// Maps the panel; returns how many of its pixels have an answer.
  ///
  /// - Parameters:
  ///   - isNeeded: asked of each window whether it has to be computed.
  ///   - progress: called for each window that is done, by one thread at a time.
  ///   - isCancelled: asked before each window, by one thread at a time.
  /// - Throws: ``SlidingInference/Failure/cancelled``, what reading throws, and what the sink throws.
  func run(isNeeded: @Sendable (Window) -> Bool, progress: () -> Void, isCancelled: () -> Bool) throws -> Int
  {
    parallelLoop(plan.batch) { _ in
      while let turn = begin(isCancelled) {
        let isNeeded = isNeeded(plan.window(row: turn.row, column: turn.column))
        let answer = isNeeded ? answer(turn) : nil
        guard wait(for: turn) else { return }
        let outcome = Result { try add(answer, turn) }
        pass(outcome, progress)
      }
    }
    if let failure { throw failure }
    return valid
  }

  // MARK: Turns

  /// Begins the next window and returns it with the rows that it needs; nil where there is none, or one has
  /// failed.
  private func begin(_ isCancelled: () -> Bool) -> Turn? {
    condition.withLock {
      // So far the memory was counted.
      while failure == nil && begun < windows.count
        && windows[begun].row > windows[blended].row + plan.rowsBelow
      {
        condition.wait()
      }
      guard failure == nil && begun < windows.count else { return nil }
      do {
        if isCancelled() { throw SlidingInference.Failure.cancelled }
        let (row, column) = windows[begun]
        let first = plan.rows.starts[row]
        let needed = first..<min(first + plan.rows.size, plan.rows.extent)
        try rows.load(before: needed.upperBound, from: reader)
        begun += 1
        return Turn(index: begun - 1, row: row, column: column, rows: rows.covering(needed))
      } catch {
        fail(error)
        return nil
      }
    }
  }

  /// Waits until all windows before a turn's are blended; false where one has failed.
  private func wait(for turn: Turn) -> Bool {
    condition.withLock {
      while blended < turn.index && failure == nil { condition.wait() }
      return failure == nil
    }
  }

  /// Ends a turn in which `outcome` pixels got their answer.
  private func pass(_ outcome: Result<Int, any Error>, _ progress: () -> Void) {
    condition.withLock {
      switch outcome {
      case .success(let pixels):
        valid += pixels
        blended += 1
        if blended < windows.count { rows.release(before: plan.rows.starts[windows[blended].row]) }
        progress()
        condition.broadcast()
      case .failure(let error): fail(error)
      }
    }
  }

  private func fail(_ error: any Error) {
    failure = failure ?? error
    condition.broadcast()
  }

  // MARK: A window

  /// Returns the answer for a window, plain; nil where no pixel of it is valid.
  private func answer(_ turn: Turn) -> Tensor? {
    let (column, row) = (plan.columns.starts[turn.column], plan.rows.starts[turn.row])
    let (width, height) = (plan.columns.size, plan.rows.size)
    guard turn.rows.hasValid(column: column, row: row, width: width, height: height) else { return nil }
    let input = Tensor(shape: plan.predictor.inputShape) { target in
      turn.rows.copy(column: column, row: row, width: width, height: height, into: target.baseAddress!)
    }
    return plan.predictor.answer(input)
  }

  /// Adds a window to the map; hands on the rows that it completes and returns how many of their pixels have
  /// an answer.
  private func add(_ answer: Tensor?, _ turn: Turn) throws -> Int {
    if let answer { assembly.add(answer, windowRow: turn.row, windowColumn: turn.column) }
    guard turn.column == panel.windows.upperBound - 1 else { return 0 }
    let part = assembly.finish(windowRow: turn.row, validity: turn.rows.validity)
    try writer.put(part)
    return part.pixels
  }
}
