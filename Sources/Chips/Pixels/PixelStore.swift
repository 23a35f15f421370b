import Foundation
import Host
import Rasters
import Scenes
import Synchronization

/// The blocks of pixels that regions are made of: in memory while they fit, afterwards in a file, of which memory keeps the
/// blocks that were used last.
///
/// No file is made before the memory is full. Then all blocks are written, and each later one when it is added: reading a
/// block never needs room on the disk.
public final class PixelStore: Sendable {
  /// What blocks, and the labels beside them, may take in memory, in bytes.
  public let memory: Int
  private let directory: URL
  private let state = Mutex(State())

  /// A store that holds nothing yet.
  ///
  /// - Parameters:
  ///   - memory: bytes that blocks and labels may take.
  ///   - directory: where the file lies that takes the rest, which has no name; made when it is needed.
  public init(memory: Int, spillingTo directory: URL) { (self.memory, self.directory) = (memory, directory) }

  private struct Block {
    let width, height, bandCount: Int
    /// Where it begins in the file; nil while there is no file.
    var place: Int?
    /// Its content, where it is in memory.
    var pixels: PixelBlock?
    /// The time by the store's own clock.
    var lastUse: Int

    init(_ pixels: PixelBlock, at time: Int) {
      (width, height, bandCount) = (pixels.width, pixels.height, pixels.bandCount)
      (self.pixels, lastUse) = (pixels, time)
    }

    var bytes: Int { width * height * PixelStore.bytesOfPixel(bandCount) }
  }

  private struct State {
    var blocks: [Int: Block] = [:]
    var added = 0
    var clock = 0
    /// Bytes of the blocks in memory.
    var held = 0
    /// Bytes of labels.
    var labels = 0
    var file: PositionedFile?
    /// Bytes of the file, and the places in it that blocks have left, by their bytes.
    var end = 0
    var free: [Int: [Int]] = [:]
  }

  /// Bytes of a pixel: its bands and its validity.
  package static func bytesOfPixel(_ bandCount: Int) -> Int { bandCount * MemoryLayout<Float>.stride + 1 }

  /// The blocks that are in memory.
  package var inMemory: Set<Int> {
    state.withLock { state in Set(state.blocks.keys.filter { state.blocks[$0]!.pixels != nil }) }
  }

  /// Bytes of the file; 0 while everything fits in memory.
  package var fileBytes: Int { state.withLock { $0.end } }

  /// Adds a block, and gives its number.
  ///
  /// - Throws: `RasterError` where the file cannot be made or written.
  package func add(_ pixels: PixelBlock) throws(RasterError) -> Int {
    try state.withLock { state throws(RasterError) in
      let number = state.added
      state.added += 1
      state.blocks[number] = Block(pixels, at: tick(&state))
      state.held += state.blocks[number]!.bytes
      do throws(SystemError) {
        if state.file != nil {
          try write(number, &state)
        } else if state.held > room(state) {
          try makeFile(&state)
        }
      } catch {
        throw RasterError(error, "hold training data in blocks")
      }
      makeRoom(&state)
      return number
    }
  }

  /// The pixels of a block.
  package func pixels(of number: Int) -> PixelBlock {
    let (block, file) = state.withLock { state in
      state.blocks[number]!.lastUse = tick(&state)
      return (state.blocks[number]!, state.file)
    }
    if let pixels = block.pixels { return pixels }
    // Outside the lock: threads that cut chips read side by side.
    let pixels = read(block, from: file!)
    state.withLock { state in
      guard state.blocks[number]!.pixels == nil else { return }
      state.blocks[number]!.pixels = pixels
      state.held += block.bytes
      makeRoom(&state)
    }
    return pixels
  }

  /// Forgets blocks.
  package func remove(_ numbers: [Int]) {
    state.withLock { state in
      for number in numbers {
        let block = state.blocks.removeValue(forKey: number)!
        if block.pixels != nil { state.held -= block.bytes }
        if let place = block.place { state.free[block.bytes, default: []].append(place) }
      }
    }
  }

  /// Counts bytes of labels that are in memory from now on, or, where negative, no longer.
  func countLabels(_ bytes: Int) { state.withLock { $0.labels += bytes } }

  /// What blocks may take: what labels leave, but a quarter at least.
  private func room(_ state: State) -> Int { max(memory - state.labels, memory / 4) }

  private func tick(_ state: inout State) -> Int {
    state.clock += 1
    return state.clock
  }

  // MARK: - The file

  private func makeFile(_ state: inout State) throws(SystemError) {
    // Where that fails the file says why.
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    state.file = try PositionedFile(unnamedIn: directory.path)
    for number in state.blocks.keys.sorted() { try write(number, &state) }
  }

  private func write(_ number: Int, _ state: inout State) throws(SystemError) {
    let block = state.blocks[number]!
    let place = state.free[block.bytes]?.popLast() ?? state.end
    state.end = max(state.end, place + block.bytes)
    try state.file!.write(block.pixels!.values, at: place)
    try state.file!.write(block.pixels!.valid, at: place + block.bytes - block.width * block.height)
    state.blocks[number]!.place = place
  }

  private func read(_ block: Block, from file: PositionedFile) -> PixelBlock {
    var pixels = PixelBlock(
      invalid: Window(column: 0, row: 0, width: block.width, height: block.height), bandCount: block.bandCount
    )
    do {
      try pixels.values.withUnsafeMutableBytes { try file.read($0, at: block.place!) }
      try pixels.valid.withUnsafeMutableBytes {
        try file.read($0, at: block.place! + block.bytes - block.width * block.height)
      }
    } catch {
      // The file is open, whole and nobody else's: the disk has failed, as it would under a page of the program.
      fatalError("\(error): the disk has lost training data")
    }
    return pixels
  }

  /// Leaves in memory what it may take: the blocks that were used last. An eighth goes besides, so that not each block that
  /// comes searches for one to go.
  private func makeRoom(_ state: inout State) {
    let room = room(state)
    guard state.file != nil, state.held > room else { return }
    let oldest = state.blocks.filter { $0.value.pixels != nil }.sorted { $0.value.lastUse < $1.value.lastUse }
    for (number, block) in oldest where state.held > room - room / 8 {
      state.blocks[number]!.pixels = nil
      state.held -= block.bytes
    }
  }
}
