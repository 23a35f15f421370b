import Checkpoints
import Chips
import Layers
import Models
import Rasters
import Scenes
import Tensors

/// What a slide takes, in bytes.
struct SlideMemory {
  /// What it may take.
  let allowed: Int
  private let rows: WindowPlan
  private let blocks: StoredBlocks
  private let bands, classes: Int
  /// The process with its libraries, and the weights as loaded, as folded, and as prepared.
  private let fixed: Int
  /// What is kept of each block of the scene's files, and of the two maps.
  private let indices: Int
  /// One window: its input, scores and probabilities, and all in between.
  private let window: Int

  init(
    _ options: SlidingInference.Options, rows: WindowPlan, width: Int, blocks: StoredBlocks,
    _ model: SegmentationModel,
    _ network: any PreparedInference
  ) {
    (allowed, self.rows, self.blocks) = (options.memory, rows, blocks)
    (bands, classes) = (model.card.channels.count, model.card.classes.count)
    let parameters = model.network.parameters.all.reduce(0) { $0 + $1.tensor.shape.count }
    let float = MemoryLayout<Float>.stride
    let tiles =
      (rows.extent + RasterWriter.tileSize - 1) / RasterWriter.tileSize
      * ((width + RasterWriter.tileSize - 1) / RasterWriter.tileSize)
    // Scenes of ordinary sizes keep their plans: theirs are part of what the process takes.
    indices = max(0, blocks.indexBytes + 2 * 16 * tiles - (16 << 20))
    fixed = Self.process + 2 * parameters * float + network.weightBytes
    window =
      network.bytesPerThread + (network.inputShape.count + 2 * network.outputShape.count) * float
      + (options.seesMirrored ? MirroredViews.bytes(network) : 0)
  }

  /// The process with its libraries.
  private static let process = 112 << 20

  /// The most that the process takes where `batch` windows are computed at once.
  func bytes(_ panels: [Panel], batch: Int) -> Int {
    let width = panels.map(\.covered.count).max()!
    let height = rows.size + Self.rowsBelow(panels, batch: batch) * Self.rowsAhead(rows)
    return fixed + indices + blockCache(panels) + batch * window
      + SceneReader.bytes(width: width, bandCount: bands, height: height, ahead: Self.rowsAhead(rows))
      + ScoreBlender.bytes(rows: rows, panels: panels, classes: classes)
      + MapWriter.bytes(width: width, height: rows.size)
  }

  /// Bytes of decoded blocks that GDAL has to keep: those that a row of a panel touches and a quarter more, for those that are
  /// written meanwhile; a quarter of the memory at most, beyond which blocks are decoded several times instead.
  func blockCache(_ panels: [Panel]) -> Int {
    let touched = blocks.bytes(across: panels.map(\.covered.count).max()!)
    return max(GDALLibrary.standardBlockCache, min(allowed / 4, touched * 5 / 4))
  }

  /// Pixel rows that are read before they are asked for: what the next windows down will need.
  static func rowsAhead(_ rows: WindowPlan) -> Int {
    rows.starts.count > 1 ? rows.starts[1] - rows.starts[0] : rows.size
  }

  /// How many rows of windows below the one that is being finished `batch` windows reach into.
  static func rowsBelow(_ panels: [Panel], batch: Int) -> Int {
    let windows = panels.map(\.windows.count).min()!
    return (batch - 1 + windows - 1) / windows
  }
}
