import Foundation
import Rasters

/// Reads a scene panel by panel, each from top to bottom, on a thread of its own and normalises it, ahead of whoever uses it.
final class SceneRows {
  /// Some rows of a panel.
  private struct Strip: Sendable {
    let firstRow: Int
    let block: PixelBlock
  }

  private let grid: Grid
  private let bandCount: Int
  private let queue: BoundedQueue<Strip>
  private let finished = DispatchSemaphore(value: 0)
  private var panel: Range<Int>
  private var strips: [Strip] = []
  private var end = 0

  /// Rows that are read at once, all bands together: the stored blocks that they touch stay in GDAL's cache until the next
  /// rows need them, so that a block is decoded once a panel. (256 rows of 16,384 pixels of 13 bands did not fit there.)
  private static let stripHeight = 64

  /// Starts reading.
  ///
  /// - Parameters:
  ///   - panels: columns of the scene, in the order in which they are used.
  ///   - ahead: rows that may be read before they are asked for.
  ///   - open: opens the scene; called on the reading thread, because a dataset belongs to one thread.
  init(
    grid: Grid, panels: [Range<Int>], normalization: Normalization, ahead: Int,
    open: @escaping @Sendable () throws -> Scene
  ) {
    self.grid = grid
    bandCount = normalization.bandCount
    panel = panels[0]
    let queue = BoundedQueue<Strip>(capacity: Self.capacity(ahead: ahead))
    self.queue = queue
    let finished = finished
    let thread = Thread {
      queue.finish(
        Result {
          let scene = try open()
          if let difference = scene.grid.difference(from: grid) {
            throw RasterError(
              .gridMismatch, "read the scene", path: scene.source.path,
              cause: "it was replaced while it was read: \(difference)")
          }
          for panel in panels {
            for row in stride(from: 0, to: grid.height, by: Self.stripHeight) {
              let window = Window(
                column: panel.lowerBound, row: row, width: panel.count,
                height: min(Self.stripHeight, grid.height - row))
              var block = try scene.read(window)
              normalization.apply(to: &block)
              guard queue.put(Strip(firstRow: row, block: block)) else { return }
            }
          }
        })
      finished.signal()
    }
    thread.name = "read"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Ends the reading thread; waits for it, so that its dataset is closed.
  func close() {
    queue.abandon()
    finished.wait()
  }

  private static func capacity(ahead: Int) -> Int { (ahead + stripHeight - 1) / stripHeight }

  /// Bytes that reading holds at its peak: the rows in use with the strips that they begin and end in, the strips ahead, and
  /// the one that is being read.
  static func bytes(width: Int, bandCount: Int, height: Int, ahead: Int) -> Int {
    (height + (capacity(ahead: ahead) + 3) * stripHeight) * width
      * (bandCount * MemoryLayout<Float>.stride + 1)
  }

  /// Goes on with the next panel: drops the rows of the last one, which has to be loaded whole.
  func begin(_ next: Range<Int>) {
    panel = next
    strips = []
    end = 0
  }

  /// Makes all rows of the panel before `row` available, besides those that are.
  func load(before row: Int) throws {
    while end < row {
      guard let strip = try queue.take() else { preconditionFailure("row \(row) lies beyond the scene") }
      end = strip.firstRow + strip.block.height
      strips.append(strip)
    }
  }

  /// Drops strips that end before `row`.
  func release(before row: Int) { strips.removeAll { $0.firstRow + $0.block.height <= row } }

  /// Which pixels of a loaded row of the panel are valid.
  func validity(of row: Int) -> ArraySlice<Bool> {
    let strip = strip(holding: row)
    let start = (row - strip.firstRow) * panel.count
    return strip.block.valid[start..<start + panel.count]
  }

  /// Whether any pixel of a window is valid.
  func hasValid(column: Int, row: Int, width: Int, height: Int) -> Bool {
    let columns = column - panel.lowerBound..<min(column + width, panel.upperBound) - panel.lowerBound
    return (row..<min(row + height, grid.height)).contains { row in
      let validity = validity(of: row)
      return columns.contains { validity[validity.startIndex + $0] }
    }
  }

  /// Copies a window, mirrored where it reaches beyond the scene, to `[C, height, width]`.
  func copy(column: Int, row: Int, width: Int, height: Int, into target: UnsafeMutablePointer<Float>) {
    let inner = min(width, grid.width - column)
    let first = column - panel.lowerBound
    let mirrored = (inner..<max(inner, width)).map {
      Mirror.place(column + $0, extent: grid.width) - panel.lowerBound
    }
    for line in 0..<height {
      let place = Mirror.place(row + line, extent: grid.height)
      let strip = strip(holding: place)
      let local = place - strip.firstRow
      strip.block.values.withUnsafeBufferPointer { values in
        for band in 0..<bandCount {
          let source = values.baseAddress! + (band * strip.block.height + local) * panel.count
          let destination = target + (band * height + line) * width
          destination.update(from: source + first, count: inner)
          for (offset, from) in mirrored.enumerated() { destination[inner + offset] = source[from] }
        }
      }
    }
  }

  private func strip(holding row: Int) -> Strip {
    let place = strips.first.map { row / Self.stripHeight - $0.firstRow / Self.stripHeight } ?? -1
    precondition(strips.indices.contains(place), "row \(row) is not loaded")
    return strips[place]
  }
}
