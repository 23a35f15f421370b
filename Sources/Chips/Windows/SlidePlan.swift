import Checkpoints
import Layers
import Models
import Rasters
import Tensors

/// How a scene is slid over within a bound of memory: windows, panels, and how many windows are computed at once.
struct SlidePlan {
  let columns, rows: WindowPlan
  let panels: [Panel]
  /// The network, made ready for one window.
  let network: any PreparedInference
  /// Windows that are computed at once.
  let batch: Int
  /// Bytes of decoded blocks that GDAL has to keep.
  let blockCache: Int
  /// The most that the process takes.
  let bytes: Int

  /// Rows that are read before they are asked for: what the next windows down will need.
  var rowsAhead: Int { Self.rowsAhead(rows) }

  /// The windows of a panel row by row, left to right, as places in ``rows`` and ``columns``.
  func windows(of panel: Panel) -> [(row: Int, column: Int)] {
    rows.starts.indices.flatMap { row in panel.windows.map { (row, $0) } }
  }

  /// Columns of a panel where memory does not ask for less: four windows of 512 with 64 overlap.
  private static let panelWidth = 2048
  /// Blocks across a panel: what two panels share is decoded twice, a quarter of all at most. (JPEG 2000 in blocks of 1,024 takes
  /// longer to decode than to map.)
  private static let blocksAcross = 4
  /// Windows at once that a wide panel has to leave room for. A fixed number: the threads must not change a map, and sums over
  /// panels are rounded in another order.
  private static let windowsBesidePanel = 4

  /// The largest window, halved until it fits, in the widest panels that leave room for it.
  ///
  /// A block that the scene is stored in is decoded once a panel, and stays in GDAL's cache until the last of its rows is read.
  ///
  /// - Throws: ``SlidingInference/Failure/tooLittleMemory(allowed:needed:)``.
  init(
    _ options: SlidingInference.Options, grid: Grid, blocks: StoredBlocks, _ model: SegmentationModel,
    kernels: any Kernels
  ) throws(SlidingInference.Failure) {
    var window = options.window
    while true {
      let axis = { (extent: Int) in
        WindowPlan(
          extent: extent, fitting: window, overlap: options.overlap,
          multiple: SegmentationModel.windowMultiple)
      }
      let (columns, rows) = (axis(grid.width), axis(grid.height))
      let network = model.prepared(height: rows.size, width: columns.size, on: kernels)
      let fixed = Self.bytesOfProcess + Self.bytes(of: model, network)
      let each = Self.bytesOfWindow(network)
      let room = options.memory - fixed - Self.windowsBesidePanel * each
      let panels = Self.panels(columns, width: max(Self.panelWidth, Self.blocksAcross * blocks.width)) {
        Self.bytesOfScene(rows, $0, blocks, model, memory: options.memory) <= room
      }
      let once = fixed + Self.bytesOfScene(rows, panels, blocks, model, memory: options.memory)
      if once + each <= options.memory {
        (self.columns, self.rows, self.panels, self.network) = (columns, rows, panels, network)
        blockCache = Self.blockCache(panels, blocks, memory: options.memory)
        batch = min(
          ComputeThreads.count, columns.starts.count * rows.starts.count, (options.memory - once) / each)
        bytes = once + batch * each
        return
      }
      let half = window / 2 / SegmentationModel.windowMultiple * SegmentationModel.windowMultiple
      guard half > options.overlap else {
        throw .tooLittleMemory(allowed: options.memory, needed: once + each)
      }
      window = half
    }
  }

  /// Panels of `width`, halved until they fit or are single windows.
  private static func panels(_ columns: WindowPlan, width: Int, fit: ([Panel]) -> Bool) -> [Panel] {
    let panels = columns.panels(width: width)
    if fit(panels) || panels.count == columns.starts.count { return panels }
    return Self.panels(columns, width: width / 2, fit: fit)
  }

  private static func rowsAhead(_ rows: WindowPlan) -> Int {
    rows.starts.count > 1 ? rows.starts[1] - rows.starts[0] : rows.size
  }

  // MARK: Memory

  /// The process with its libraries.
  private static let bytesOfProcess = 112 << 20

  /// What a scene takes besides its windows, GDAL's cache included.
  private static func bytesOfScene(
    _ rows: WindowPlan, _ panels: [Panel], _ blocks: StoredBlocks, _ model: SegmentationModel, memory: Int
  ) -> Int {
    let ahead = rowsAhead(rows)
    // Windows of the next row are begun before the rows of this one are let go.
    let scene = SceneReader.bytes(
      width: panels.map(\.covered.count).max()!, bandCount: model.card.bands.count, height: rows.size + ahead,
      ahead: ahead)
    return scene + ScoreBlender.bytes(rows: rows, panels: panels, classes: model.card.classes.count)
      + blockCache(panels, blocks, memory: memory)
  }

  /// The blocks that a row of a panel touches and a quarter more, for those that are written meanwhile; a quarter of the memory
  /// at most, beyond which blocks are decoded several times instead.
  private static func blockCache(_ panels: [Panel], _ blocks: StoredBlocks, memory: Int) -> Int {
    let touched = blocks.bytes(across: panels.map(\.covered.count).max()!)
    return max(GDALLibrary.standardBlockCache, min(memory / 4, touched * 5 / 4))
  }

  /// The weights as loaded, the copy that is folded, and their prepared form.
  private static func bytes(of model: SegmentationModel, _ network: any PreparedInference) -> Int {
    let count = model.network.parameters.all.reduce(0) { $0 + $1.tensor.shape.count }
    return 2 * count * MemoryLayout<Float>.stride + network.weightBytes
  }

  /// One window: its input, scores and probabilities, and all in between.
  private static func bytesOfWindow(_ network: any PreparedInference) -> Int {
    network.bytesPerThread
      + (network.inputShape.count + 2 * network.outputShape.count) * MemoryLayout<Float>.stride
  }
}
