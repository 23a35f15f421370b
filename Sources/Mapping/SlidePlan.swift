import Chips
import Models
import Numerics
import Rasters
import Scenes
import Tasks
import Tensors

/// The plan by which a model slides over a scene within a bound of memory: windows, panels, and the number of
/// windows that are computed at once.
struct SlidePlan {
  let columns, rows: WindowPlan
  let panels: [Panel]
  /// The predictor, made ready for one window.
  let predictor: any PreparedPredictor
  /// Windows that are computed at once.
  let batch: Int
  /// Bytes of decoded blocks that GDAL has to keep.
  let blockCache: Int
  /// The most that the process takes.
  let bytes: Int

  /// Pixel rows that are read before they are asked for.
  var rowsAhead: Int { SlideMemory.rowsAhead(rows) }
  /// Rows of windows that may be begun below the one that is being finished.
  var rowsBelow: Int { SlideMemory.rowsBelow(panels, batch: batch) }

  /// Returns a window, whole, also where it reaches beyond the scene.
  func window(row: Int, column: Int) -> Window {
    Window(column: columns.starts[column], row: rows.starts[row], width: columns.size, height: rows.size)
  }

  /// Returns the rows of windows and the panels that hold what is needed of the map: all that lies between
  /// the first and the last window that is needed.
  ///
  /// - Returns: nil where no window is needed.
  func part(_ isNeeded: (Window) -> Bool) -> (rows: Range<Int>, panels: [Panel])? {
    let needed = rows.starts.indices.flatMap { row in
      columns.starts.indices.filter { isNeeded(window(row: row, column: $0)) }.map { (row: row, column: $0) }
    }
    guard let first = needed.first?.row, let last = needed.last?.row else { return nil }
    let places = needed.map(\.column)
    let across = places.min()!...places.max()!
    return (
      first..<last + 1,
      panels.filter {
        $0.windows.lowerBound <= across.upperBound && across.lowerBound < $0.windows.upperBound
      }
    )
  }

  /// Columns of a panel where memory does not ask for less: four windows of 512 with 64 overlap.
  private static let panelWidth = 2048
  /// Blocks across a panel: what two panels share is decoded twice, a quarter of all at most. (JPEG 2000 in
  /// blocks of 1,024 takes longer to decode than to map.)
  private static let blocksAcross = 4
  /// Windows at once that a wide panel has to leave room for. A fixed number: the threads must not change a
  /// map, and sums over panels are rounded in another order.
  private static let windowsBesidePanel = 4

  /// Plans the largest window, halved until it fits, in the widest panels that leave room for it.
  ///
  /// - Throws: ``SlidingInference/Failure/tooLittleMemory(allowed:needed:)``.
  init(
    _ options: SlidingInference.Options, grid: Grid, blocks: StoredBlocks, _ task: some PredictionTask,
    _ predictor: any Predictor
  ) throws(SlidingInference.Failure) {
    let contract = predictor.contract
    let multiple = contract.sideMultiple
    let isWhole = type(of: task).answersWholeWindows
    var window =
      isWhole ? options.window : max(options.window / multiple * multiple, contract.smallestEvenSide)
    guard !isWhole || window >= contract.smallestSide else {
      throw .windowTooSmall(window: window, smallest: contract.smallestSide)
    }
    while true {
      let axis = { (extent: Int) in
        isWhole
          ? WindowPlan(extent: extent, size: window, overlap: 0)
          : WindowPlan(
            extent: extent, fitting: window, overlap: options.overlap,
            multiple: multiple, smallest: contract.smallestEvenSide)
      }
      let (columns, rows) = (axis(grid.width), axis(grid.height))
      let prepared = predictor.prepared(height: rows.size, width: columns.size)
      let memory = SlideMemory(
        options, rows: rows, width: grid.width, blocks: blocks, task, predictor, prepared)
      let panels = Self.panels(
        columns, width: max(Self.panelWidth, Self.blocksAcross * blocks.width), memory)
      let windows = columns.starts.count * rows.starts.count
      let most = prepared.isThreadOfItsOwn ? min(ComputeThreads.count, windows) : 1
      if let batch = (1...most).last(where: { memory.bytes(panels, batch: $0) <= memory.allowed }) {
        (self.columns, self.rows, self.panels, self.predictor) = (columns, rows, panels, prepared)
        self.batch = batch
        blockCache = memory.blockCache(panels)
        bytes = memory.bytes(panels, batch: batch)
        return
      }
      let half = window / 2 / multiple * multiple
      guard !isWhole, half > options.overlap, half >= contract.smallestEvenSide else {
        throw .tooLittleMemory(allowed: memory.allowed, needed: memory.bytes(panels, batch: 1))
      }
      window = half
    }
  }

  /// Returns panels of `width`, halved until there is room for them or they are single windows; the whole
  /// width where that takes no more, as it does in a scene much higher than wide, because nothing is shared
  /// then.
  private static func panels(_ columns: WindowPlan, width: Int, _ memory: SlideMemory) -> [Panel] {
    let bytes = { (panels: [Panel]) in memory.bytes(panels, batch: windowsBesidePanel) }
    var panels = columns.panels(width: width)
    var width = width
    while bytes(panels) > memory.allowed && panels.count < columns.starts.count {
      width /= 2
      panels = columns.panels(width: width)
    }
    let whole = columns.panels(width: columns.extent)
    return bytes(whole) <= bytes(panels) ? whole : panels
  }
}
