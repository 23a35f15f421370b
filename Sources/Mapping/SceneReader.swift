import Chips
import Foundation
import Host
import Rasters
import Scenes

/// Some rows of a panel, read and normalised.
struct SceneStrip: Sendable {
  let firstRow: Int
  let block: PixelBlock

  /// The row after the last.
  var end: Int { firstRow + block.height }

  /// Rows of a strip: the stored blocks that it touches stay in GDAL's cache until the next strip needs them,
  /// so that a block is decoded once a panel, where rows of blocks begin at multiples of this as they
  /// commonly do. (256 rows of 16,384 pixels of 13 bands did not fit there.)
  static let height = 64
}

/// Reads a scene panel by panel, each from top to bottom, on a thread of its own and normalises it, ahead of
/// whoever uses it.
final class SceneReader: Sendable {
  private let queue: BoundedQueue<SceneStrip>
  private let finished = DispatchSemaphore(value: 0)

  /// Starts the thread that reads the panels.
  ///
  /// - Parameters:
  ///   - panels: columns of the scene, in the order in which they are used.
  ///   - rows: the rows that are used; reading begins with the strip that holds the first.
  ///   - ahead: rows that may be read before they are asked for.
  ///   - sample: takes some pixels before they are normalised.
  ///   - open: opens the scene; called on the reading thread, because a dataset belongs to one thread.
  init(
    grid: Grid, panels: [Range<Int>], rows: Range<Int>, normalization: Normalization, ahead: Int,
    sample: DriftSample? = nil, open: @escaping @Sendable () throws -> Scene
  ) {
    let queue = BoundedQueue<SceneStrip>(capacity: Self.capacity(ahead: ahead))
    self.queue = queue
    let finished = finished
    do {
      try BackgroundThread.start("read", stackSize: 8 << 20) {
        queue.finish(
          Result {
            let scene = try open()
            if let difference = scene.grid.difference(from: grid) {
              throw RasterError(
                .gridMismatch, "read the scene", path: scene.source.path,
                cause: "it was replaced while it was read: \(difference)")
            }
            for panel in panels {
              for row in stride(
                from: rows.lowerBound / SceneStrip.height * SceneStrip.height, to: rows.upperBound,
                by: SceneStrip.height)
              {
                let window = Window(
                  column: panel.lowerBound, row: row, width: panel.count,
                  height: min(SceneStrip.height, grid.height - row))
                var block = try scene.read(window)
                sample?.add(block, at: window)
                normalization.apply(to: &block)
                guard queue.put(SceneStrip(firstRow: row, block: block)) else { return }
              }
            }
          })
        finished.signal()
      }
    } catch {
      queue.finish(.failure(error))
      finished.signal()
    }
  }

  /// Returns the next strip, of the next panel after the last strip of one; waits for it.
  ///
  /// - Throws: what `open` and reading throw.
  func next() throws -> SceneStrip {
    guard let strip = try queue.take() else { preconditionFailure("there is no panel left to read") }
    return strip
  }

  /// Ends the reading thread; waits for it, so that its dataset is closed.
  func close() {
    queue.abandon()
    finished.wait()
  }

  private static func capacity(ahead: Int) -> Int { (ahead + SceneStrip.height - 1) / SceneStrip.height }

  /// Returns the bytes that reading holds at its peak: the rows in use with the strips that they begin and
  /// end in, the strips ahead, and the one that is being read.
  static func bytes(width: Int, bandCount: Int, height: Int, ahead: Int) -> Int {
    (height + (capacity(ahead: ahead) + 3) * SceneStrip.height) * width
      * (bandCount * MemoryLayout<Float>.stride + 1)
  }
}

/// Rows of a panel that are in use.
///
/// A copy shares the pixels: a thread reads what ``covering(_:)`` gives it while another loads and releases
/// rows.
struct PanelRows: Sendable {
  private let grid: Grid
  /// The columns of the scene that the panel covers.
  private let columns: Range<Int>
  private var strips: [SceneStrip] = []

  /// Creates a panel of which no row is loaded yet.
  init(grid: Grid, columns: Range<Int>) { (self.grid, self.columns) = (grid, columns) }

  /// Makes all rows before `row` available, besides those that are.
  mutating func load(before row: Int, from reader: SceneReader) throws {
    while strips.last.map(\.end) ?? 0 < row { strips.append(try reader.next()) }
  }

  /// Drops strips that end before `row`, but for the last one, after which loading goes on.
  mutating func release(before row: Int) {
    strips = strips.filter { $0.end > row } + (strips.last.map { $0.end <= row ? [$0] : [] } ?? [])
  }

  /// Returns the rows that hold some loaded ones, and no more.
  func covering(_ wanted: Range<Int>) -> PanelRows {
    var part = self
    part.strips = strips.filter { $0.firstRow < wanted.upperBound && $0.end > wanted.lowerBound }
    return part
  }

  /// Returns the validity of each pixel of a loaded row of the panel.
  func validity(of row: Int) -> ArraySlice<Bool> {
    let strip = strip(holding: row)
    let start = (row - strip.firstRow) * columns.count
    return strip.block.valid[start..<start + columns.count]
  }

  /// Returns whether any pixel of a window is valid.
  func hasValid(column: Int, row: Int, width: Int, height: Int) -> Bool {
    let inside = column - columns.lowerBound..<min(column + width, columns.upperBound) - columns.lowerBound
    return (row..<min(row + height, grid.height)).contains { row in
      let validity = validity(of: row)
      return inside.contains { validity[validity.startIndex + $0] }
    }
  }

  /// Copies a window, mirrored where it reaches beyond the scene, to `[C, height, width]`.
  func copy(column: Int, row: Int, width: Int, height: Int, into target: UnsafeMutablePointer<Float>) {
    let inner = min(width, grid.width - column)
    let first = column - columns.lowerBound
    let mirrored = (inner..<max(inner, width)).map {
      Mirror.place(column + $0, extent: grid.width) - columns.lowerBound
    }
    for line in 0..<height {
      let place = Mirror.place(row + line, extent: grid.height)
      let block = strip(holding: place).block
      let local = place - strip(holding: place).firstRow
      block.values.withUnsafeBufferPointer { values in
        for band in 0..<block.bandCount {
          let source = values.baseAddress! + (band * block.height + local) * columns.count
          let destination = target + (band * height + line) * width
          destination.update(from: source + first, count: inner)
          for (offset, from) in mirrored.enumerated() { destination[inner + offset] = source[from] }
        }
      }
    }
  }

  private func strip(holding row: Int) -> SceneStrip {
    let place = strips.first.map { row / SceneStrip.height - $0.firstRow / SceneStrip.height } ?? -1
    precondition(strips.indices.contains(place), "row \(row) is not loaded")
    return strips[place]
  }
}
