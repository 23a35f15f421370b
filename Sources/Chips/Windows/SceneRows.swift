import Foundation
import Rasters

/// Reads a scene from top to bottom on a thread of its own and normalises it, a strip ahead of whoever uses it.
final class SceneRows {
  /// Some rows of a scene at full width.
  struct Strip: Sendable {
    let firstRow: Int
    var block: PixelBlock
  }

  private let grid: Grid
  private let bandCount: Int
  private let queue: BoundedQueue<Strip>
  private let finished = DispatchSemaphore(value: 0)
  private var strips: [Strip] = []
  private var end = 0

  /// Panels of this many columns are read at once, all bands together, so that the blocks of a pixel-interleaved file are
  /// decoded once and not once a band.
  private static let panelWidth = 1024

  /// Starts reading.
  ///
  /// - Parameters:
  ///   - open: opens the scene; called on the reading thread, because a dataset belongs to one thread.
  ///   - ahead: rows that may be read before they are asked for.
  init(
    grid: Grid, normalization: Normalization, ahead: Int, open: @escaping @Sendable () throws -> Scene
  ) {
    self.grid = grid
    bandCount = normalization.bandCount
    let stripHeight = Self.stripHeight(ahead: ahead)
    let queue = BoundedQueue<Strip>(capacity: max(1, ahead / stripHeight))
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
          for row in stride(from: 0, to: grid.height, by: stripHeight) {
            let rows = min(stripHeight, grid.height - row)
            var block = try Self.read(scene, row: row, rows: rows)
            normalization.apply(to: &block)
            guard queue.put(Strip(firstRow: row, block: block)) else { return }
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

  /// Bytes that reading holds at its peak: the rows in use and the strips ahead, one of them still being read.
  static func bytes(width: Int, bandCount: Int, height: Int, ahead: Int) -> Int {
    (height + ahead + 2 * stripHeight(ahead: ahead)) * width * (bandCount * MemoryLayout<Float>.stride + 1)
  }

  private static func stripHeight(ahead: Int) -> Int { max(16, min(256, ahead)) }

  private static func read(_ scene: Scene, row: Int, rows: Int) throws -> PixelBlock {
    let width = scene.grid.width
    guard width > panelWidth else {
      return try scene.read(Window(column: 0, row: row, width: width, height: rows))
    }
    var block = PixelBlock(
      invalid: Window(column: 0, row: row, width: width, height: rows), bandCount: scene.bandCount)
    for column in stride(from: 0, to: width, by: panelWidth) {
      let count = min(panelWidth, width - column)
      let panel = try scene.read(Window(column: column, row: row, width: count, height: rows))
      for line in 0..<rows {
        block.valid.replaceSubrange(
          line * width + column..<line * width + column + count,
          with: panel.valid[line * count..<(line + 1) * count])
        for band in 0..<scene.bandCount {
          let (from, to) = ((band * rows + line) * count, (band * rows + line) * width + column)
          block.values.replaceSubrange(to..<to + count, with: panel.values[from..<from + count])
        }
      }
    }
    return block
  }

  /// Makes all rows before `row` available, besides those that are.
  func load(before row: Int) throws {
    while end < row {
      guard let strip = try queue.take() else { preconditionFailure("row \(row) lies beyond the scene") }
      end = strip.firstRow + strip.block.height
      strips.append(strip)
    }
  }

  /// Drops strips that end before `row`.
  func release(before row: Int) { strips.removeAll { $0.firstRow + $0.block.height <= row } }

  /// Which pixels of a loaded row are valid.
  func validity(of row: Int) -> ArraySlice<Bool> {
    let strip = strip(holding: row)
    let start = (row - strip.firstRow) * grid.width
    return strip.block.valid[start..<start + grid.width]
  }

  /// Whether any pixel of a window is valid.
  func hasValid(column: Int, row: Int, width: Int, height: Int) -> Bool {
    let columns = column..<min(column + width, grid.width)
    return (row..<min(row + height, grid.height)).contains { row in
      let validity = validity(of: row)
      return columns.contains { validity[validity.startIndex + $0] }
    }
  }

  /// Copies a window, mirrored where it reaches beyond the scene, to `[C, height, width]`.
  func copy(column: Int, row: Int, width: Int, height: Int, into target: UnsafeMutablePointer<Float>) {
    let inner = min(width, grid.width - column)
    let mirrored = (inner..<max(inner, width)).map { Mirror.place(column + $0, extent: grid.width) }
    for line in 0..<height {
      let place = Mirror.place(row + line, extent: grid.height)
      let strip = strip(holding: place)
      let local = place - strip.firstRow
      strip.block.values.withUnsafeBufferPointer { values in
        for band in 0..<bandCount {
          let source = values.baseAddress! + (band * strip.block.height + local) * grid.width
          let destination = target + (band * height + line) * width
          destination.update(from: source + column, count: inner)
          for (offset, from) in mirrored.enumerated() { destination[inner + offset] = source[from] }
        }
      }
    }
  }

  private func strip(holding row: Int) -> Strip {
    guard let strip = strips.first(where: { $0.firstRow + $0.block.height > row && $0.firstRow <= row })
    else {
      preconditionFailure("row \(row) is not loaded")
    }
    return strip
  }
}
