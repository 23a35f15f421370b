import Checkpoints
import Chips
import Layers
import Models
import Rasters
import Scenes
import Tasks
import Tensors

/// The memory that a slide takes, in bytes.
struct SlideMemory {
  /// Bytes that the slide may take.
  let allowed: Int
  private let rows: WindowPlan
  private let blocks: StoredBlocks
  private let bands: Int
  /// The bands of bytes that are written.
  private let mapBands: Int
  /// Returns the bytes that the parts of a map take while they are put together.
  private let assembly: ([Panel]) -> Int
  /// The bytes of the process with its libraries, and of the weights as loaded, as folded, and as prepared.
  private let fixed: Int
  /// Bytes of GDAL's index of each block of the scene's files, and of the maps.
  private let indices: Int
  /// The bytes of one window: its input, scores and probabilities, and all in between.
  private let window: Int

  init(
    _ options: SlidingInference.Options, rows: WindowPlan, width: Int, blocks: StoredBlocks,
    _ task: some PredictionTask, _ predictor: any Predictor, _ prepared: any PreparedPredictor
  ) {
    (allowed, self.rows, self.blocks) = (options.memory, rows, blocks)
    bands = prepared.inputShape.channels
    assembly = { task.assemblyBytes(rows: rows, panels: $0) }
    mapBands = task.mapBands
    let float = MemoryLayout<Float>.stride
    let tiles =
      (rows.extent + RasterWriter.tileSize - 1) / RasterWriter.tileSize
      * ((width + RasterWriter.tileSize - 1) / RasterWriter.tileSize)
    // Scenes of ordinary sizes keep their plans: theirs are part of what the process takes.
    indices = max(0, blocks.indexBytes + mapBands * 16 * tiles - (16 << 20))
    fixed = Self.process + 2 * predictor.parameterCount * float + prepared.keptBytes
    window = prepared.windowBytes
  }

  /// The bytes of finished parts at their peak, for each pixel: the rows of one part (a confidence is a float
  /// there, 4), the part itself, one that waits and one that is written.
  private var partBytes: Int { 3 + 4 * mapBands }

  /// The bytes of the process with its libraries.
  private static let process = 112 << 20

  /// Returns the most bytes that the process takes where `batch` windows are computed at once.
  func bytes(_ panels: [Panel], batch: Int) -> Int {
    let width = panels.map(\.covered.count).max()!
    let height = rows.size + Self.rowsBelow(panels, batch: batch) * Self.rowsAhead(rows)
    return fixed + indices + blockCache(panels) + batch * window
      + SceneReader.bytes(width: width, bandCount: bands, height: height, ahead: Self.rowsAhead(rows))
      + assembly(panels)
      + partBytes * width * rows.size
  }

  /// Returns the bytes of decoded blocks that GDAL has to keep: those that rows of a panel touch and a
  /// quarter more, for those that are written meanwhile, and the tiles across it of each band of
  /// probabilities; a quarter of the memory at most, beyond which blocks are decoded several times instead.
  func blockCache(_ panels: [Panel]) -> Int {
    let width = panels.map(\.covered.count).max()!
    let written = (mapBands - Self.bandsOfClasses) * (width + RasterWriter.tileSize) * RasterWriter.tileSize
    return max(GDALLibrary.leastBlockCache, min(allowed / 4, blocks.bytes(across: width) * 5 / 4 + written))
  }

  /// The bands of a map without probabilities.
  private static let bandsOfClasses = 2

  /// Returns the number of pixel rows that are read before they are asked for: those that the next windows
  /// down will need.
  static func rowsAhead(_ rows: WindowPlan) -> Int {
    rows.starts.count > 1 ? rows.starts[1] - rows.starts[0] : rows.size
  }

  /// Returns the number of rows of windows, below the one that is being finished, that `batch` windows reach
  /// into.
  static func rowsBelow(_ panels: [Panel], batch: Int) -> Int {
    let windows = panels.map(\.windows.count).min()!
    return (batch - 1 + windows - 1) / windows
  }
}
