import Rasters
import Scenes
import Synchronization

/// The distribution of the values of each band: quantiles over a sample of pixels, in physical units.
public struct BandQuantiles: Sendable {
  /// The shares of the values that lie below each quantile: the middles of 20 equal parts.
  public static let levels = (0..<20).map { (Double($0) + 0.5) / 20 }

  /// The largest number of pixels in the sample of a scene, or of the regions of a set of chips; a little
  /// more at ragged edges.
  package static let sampleSize = 1 << 16

  private var values: [[Float]]

  /// Creates quantiles of no pixel yet.
  package init(bandCount: Int) { values = Array(repeating: [], count: bandCount) }

  /// Returns the distance between the pixels of a sample, along rows and columns, where there are `count` in
  /// all.
  package static func step(for count: Int) -> Int {
    max(1, Int((Double(count) / Double(sampleSize)).squareRoot().rounded(.up)))
  }

  /// Adds the valid pixels of a block that lie in rows and columns of multiples of `step`.
  ///
  /// - Parameters:
  ///   - window: where the block lies.
  ///   - firstColumn: columns before it are left out.
  package mutating func add(
    _ block: PixelBlock, at window: Window, every step: Int, from firstColumn: Int = 0
  ) {
    let first = max(window.column, firstColumn)
    let (rows, columns) = ((window.row + step - 1) / step * step, (first + step - 1) / step * step)
    let plane = block.width * block.height
    for row in stride(from: rows, to: window.row + window.height, by: step) {
      for column in stride(from: columns, to: window.column + window.width, by: step) {
        let place = (row - window.row) * block.width + column - window.column
        guard block.valid[place] else { continue }
        for band in values.indices { values[band].append(block.values[band * plane + place]) }
      }
    }
  }

  /// The quantiles of each band at ``levels``, interpolated linearly, as short as Float holds them; nil where
  /// nothing was seen.
  package var result: [[Double]]? {
    guard values.first?.isEmpty == false else { return nil }
    return values.map { values in
      let distribution = BandDistribution(values)
      // Digits beyond Float's would only lengthen the card.
      return Self.levels.map { Double("\(Float(distribution.quantile($0)))")! }
    }
  }
}

extension ChipSet {
  /// The quantiles of the valid pixels of the regions that the chips are cut from; nil where there is none.
  public var bandQuantiles: [[Double]]? {
    guard let bands = regions.first?.pixels.bandCount else { return nil }
    var quantiles = BandQuantiles(bandCount: bands)
    let step = BandQuantiles.step(for: regions.reduce(0) { $0 + $1.window.pixelCount })
    for region in regions {
      for row in stride(from: 0, to: region.window.height, by: step) {
        let line = Window(column: 0, row: row, width: region.window.width, height: 1)
        quantiles.add(region.pixels.read(line), at: line, every: step)
      }
    }
    return quantiles.result
  }
}

/// A sample of the pixels of a scene, taken while it is read for its map; the same however it is read.
public final class DriftSample: Sendable {
  private struct State {
    var quantiles: BandQuantiles
    /// The columns of the panel that is being read.
    package var panel = 0..<0
    /// The first column of the panel: those before it were read in earlier panels.
    package var firstColumn = 0
  }

  private let step: Int
  private let state: Mutex<State>

  /// Creates a sample of a scene on `grid`.
  public init(of grid: Grid, bandCount: Int) {
    step = BandQuantiles.step(for: grid.width * grid.height)
    state = Mutex(State(quantiles: BandQuantiles(bandCount: bandCount)))
  }

  /// Takes what belongs to the sample from rows of a panel, in physical units; panels overlap, and come from
  /// left to right.
  package func add(_ block: PixelBlock, at window: Window) {
    let columns = window.column..<window.column + window.width
    state.withLock { state in
      if columns != state.panel { (state.firstColumn, state.panel) = (state.panel.upperBound, columns) }
      state.quantiles.add(block, at: window, every: step, from: state.firstColumn)
    }
  }

  /// The quantiles of each band; nil where no pixel was valid.
  public var quantiles: [[Double]]? { state.withLock { $0.quantiles.result } }
}
