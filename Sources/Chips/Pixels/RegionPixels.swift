import Classes
import Rasters
import Scenes

/// The physical values of a region's pixels, read a window at a time, wherever they are held.
public struct RegionPixels: Sendable {
  /// Columns of the region.
  public let width: Int
  /// Rows of the region.
  public let height: Int
  /// The number of bands.
  public let bandCount: Int
  private let source: Source
  /// The maps that are applied to values when they are read, in order.
  private var maps: [[BandMap]] = []

  private enum Source {
    case inMemory(PixelBlock)
    case stored(StoredGrid)
  }

  /// Pixels that are in memory already.
  public init(_ block: PixelBlock) {
    (width, height, bandCount) = (block.width, block.height, block.bandCount)
    source = .inMemory(block)
  }

  /// Pixels that a store holds.
  ///
  /// - Parameter read: gives the pixels of a window, in the region's coordinates; called for each part once.
  /// - Throws: what `read` throws; `RasterError` where the store cannot take them.
  public init(
    width: Int, height: Int, bandCount: Int, in store: PixelStore,
    reading read: (Window) throws(RasterError) -> PixelBlock
  ) throws(RasterError) {
    (self.width, self.height, self.bandCount) = (width, height, bandCount)
    source = .stored(try StoredGrid(width: width, height: height, bandCount: bandCount, in: store, read))
  }

  /// Pixels that are in memory, handed to a store.
  ///
  /// - Throws: `RasterError` where the store cannot take them.
  public init(_ block: PixelBlock, in store: PixelStore) throws(RasterError) {
    let pixels = RegionPixels(block)
    try self.init(
      width: block.width, height: block.height, bandCount: block.bandCount, in: store, reading: pixels.read)
  }

  /// The store that holds the pixels; nil where they are in memory.
  var store: PixelStore? { if case .stored(let grid) = source { grid.store } else { nil } }

  /// The whole region in its own coordinates.
  public var bounds: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// The block of all pixels at once.
  public var whole: PixelBlock { read(bounds) }

  /// Returns the pixels of a window in the region's coordinates, which lies within the region.
  public func read(_ window: Window) -> PixelBlock {
    var block = asStored(window)
    for step in maps { block.adjust(by: step) }
    return block
  }

  private func asStored(_ window: Window) -> PixelBlock {
    precondition(bounds.contains(window), "\(window) of a region of \(width) x \(height) pixels")
    let parts =
      switch source {
      case .inMemory(let block): [(window: bounds, pixels: block)]
      case .stored(let grid): grid.parts(of: window)
      }
    return parts.count == 1 && parts[0].window == window
      ? parts[0].pixels : PixelBlock(window, bandCount: bandCount, of: parts)
  }

  /// Returns the pixels, mapped as those of their scene are.
  func adjusted(by maps: [[BandMap]]) -> RegionPixels {
    var pixels = self
    pixels.maps += maps
    return pixels
  }

  /// Takes the labels of pixels without data away. Pixels are read only where there are labels.
  func mask(_ labels: inout [UInt8]) {
    for window in pieces {
      let isLabelled = window.rows.contains { row in
        labels[row * width + window.column..<row * width + window.column + window.width].contains {
          $0 != ClassIndex.none
        }
      }
      guard isLabelled else { continue }
      let valid = asStored(window).valid
      for (index, row) in window.rows.enumerated() {
        let place = row * width + window.column
        for column in 0..<window.width where !valid[index * window.width + column] {
          labels[place + column] = ClassIndex.none
        }
      }
    }
  }

  /// The region in windows that are read with least work.
  private var pieces: [Window] {
    switch source {
    case .inMemory: [bounds]
    case .stored(let grid): grid.windows
    }
  }
}

/// The blocks of a region in a store, which forgets them with this object.
private final class StoredGrid: Sendable {
  /// The side of a block: of six bands it has 1.6 MiB, and a chip of 128 touches four at most.
  private static let side = 256
  /// Bytes of pixels that are read from a scene at once.
  private static let bytesAtOnce = 64 << 20

  let store: PixelStore
  private let numbers: [Int]
  /// The windows of the blocks, row by row.
  let windows: [Window]
  private let columns: Int
  private let labelBytes: Int

  init(
    width: Int, height: Int, bandCount: Int, in store: PixelStore,
    _ read: (Window) throws(RasterError) -> PixelBlock
  ) throws(RasterError) {
    self.store = store
    columns = (width + Self.side - 1) / Self.side
    let bounds = Window(column: 0, row: 0, width: width, height: height)
    let strips = bounds.strips(ofHeight: Self.side)
    windows = strips.flatMap { $0.columns(ofWidth: Self.side) }
    labelBytes = bounds.pixelCount
    let atOnce = Self.bytesAtOnce / (Self.side * Self.side * PixelStore.bytesOfPixel(bandCount))
    var numbers: [Int] = []
    do throws(RasterError) {
      for piece in strips.flatMap({ $0.columns(ofWidth: Self.side * max(1, atOnce)) }) {
        let pixels = try read(piece)
        for window in piece.columns(ofWidth: Self.side) {
          numbers.append(
            try store.add(
              window == piece ? pixels : PixelBlock(window, bandCount: bandCount, of: [(piece, pixels)])))
        }
      }
    } catch {
      store.remove(numbers)
      throw error
    }
    self.numbers = numbers
    store.countLabels(labelBytes)
  }

  deinit {
    store.remove(numbers)
    store.countLabels(-labelBytes)
  }

  /// Returns the blocks that a window touches.
  func parts(of window: Window) -> [(window: Window, pixels: PixelBlock)] {
    guard !window.isEmpty else { return [] }
    let rows = window.row / Self.side...(window.row + window.height - 1) / Self.side
    let columns = window.column / Self.side...(window.column + window.width - 1) / Self.side
    return rows.flatMap { row in
      columns.map { column in
        let index = row * self.columns + column
        return (windows[index], store.pixels(of: numbers[index]))
      }
    }
  }
}

extension Window {
  /// Parts of at most `width` columns that cover the window from left to right.
  fileprivate func columns(ofWidth width: Int) -> [Window] {
    stride(from: columns.lowerBound, to: columns.upperBound, by: width).map { left in
      Window(
        column: left, row: row, width: min(width, columns.upperBound - left), height: height)
    }
  }
}

extension PixelBlock {
  /// Creates the pixels of a window that parts cover together.
  fileprivate init(_ window: Window, bandCount: Int, of parts: [(window: Window, pixels: PixelBlock)]) {
    self.init(invalid: window, bandCount: bandCount)
    values.withUnsafeMutableBufferPointer { values in
      valid.withUnsafeMutableBufferPointer { valid in
        for (place, part) in parts {
          guard let shared = place.intersection(window) else { continue }
          part.values.withUnsafeBufferPointer { from in
            for band in 0..<bandCount {
              Self.copy(
                shared, from.baseAddress! + band * place.pixelCount, of: place,
                to: values.baseAddress! + band * window.pixelCount, of: window)
            }
          }
          part.valid.withUnsafeBufferPointer { from in
            Self.copy(shared, from.baseAddress!, of: place, to: valid.baseAddress!, of: window)
          }
        }
      }
    }
  }

  /// Copies the rows of `shared` from the plane of one window to that of another.
  private static func copy<Element>(
    _ shared: Window, _ from: UnsafePointer<Element>, of place: Window,
    to target: UnsafeMutablePointer<Element>, of window: Window
  ) {
    for row in shared.rows {
      (target + (row - window.row) * window.width + shared.column - window.column)
        .update(
          from: from + (row - place.row) * place.width + shared.column - place.column, count: shared.width)
    }
  }
}
