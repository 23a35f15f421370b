import Foundation
import Host
import Rasters
import Scenes
import Synchronization

/// The blocks of pixels that regions are made of: in memory while they fit, afterwards in a file, of which
/// memory keeps the blocks that were used last.
///
/// No file is made before the memory is full. Then all blocks are written, and each later one when it is
/// added: reading a block never needs room on the disk. The file is gone with the last block.
public final class PixelStore: Sendable {
  /// The bytes that blocks, and the labels beside them, may take in memory.
  public let memory: Int
  /// The directory that the file lies in.
  package let directory: URL
  private let state = Mutex(State())

  /// Creates a store that holds nothing yet.
  ///
  /// - Parameters:
  ///   - memory: bytes that blocks and labels may take.
  ///   - directory: where the file lies that takes the rest, which has no name; made when it is needed.
  public init(memory: Int, spillingTo directory: URL) { (self.memory, self.directory) = (memory, directory) }

  private struct Block {
    let width, height, bandCount: Int
    /// The block's place in the file; nil while there is no file.
    var place: Int?

    init(_ pixels: PixelBlock) {
      (width, height, bandCount) = (pixels.width, pixels.height, pixels.bandCount)
    }

    var pixelCount: Int { width * height }
    var bytes: Int { pixelCount * PixelStore.bytesOfPixel(bandCount) }
  }

  /// The content of a block in memory.
  private struct Held {
    let pixels: PixelBlock
    /// The time of the last use, by the store's own clock.
    var lastUse: Int
  }

  private struct State {
    /// The blocks, and those of them that are in memory, by their numbers.
    var blocks: [Int: Block] = [:]
    var held: [Int: Held] = [:]
    var added = 0
    var clock = 0
    /// Bytes of the blocks in memory, and of the labels of regions.
    var heldBytes = 0
    var labelBytes = 0
    var file: PositionedFile?
    /// Bytes of the file, and the places in it that blocks have left, by the blocks' bytes.
    var end = 0
    var free: [Int: [Int]] = [:]

    mutating func hold(_ pixels: PixelBlock, as number: Int) {
      clock += 1
      held[number] = Held(pixels: pixels, lastUse: clock)
      heldBytes += blocks[number]!.bytes
    }

    mutating func release(_ number: Int) {
      if held.removeValue(forKey: number) != nil { heldBytes -= blocks[number]!.bytes }
    }

    mutating func remove(_ number: Int) {
      release(number)
      let block = blocks.removeValue(forKey: number)!
      if let place = block.place { free[block.bytes, default: []].append(place) }
      if blocks.isEmpty { closeFile() }
    }

    mutating func closeFile() {
      (file, end, free) = (nil, 0, [:])
      for number in blocks.keys { blocks[number]!.place = nil }
    }
  }

  /// Bytes of a pixel: its bands and its validity.
  package static func bytesOfPixel(_ bandCount: Int) -> Int { bandCount * MemoryLayout<Float>.stride + 1 }

  /// The blocks that are in memory.
  package var inMemory: Set<Int> { state.withLock { Set($0.held.keys) } }

  /// Bytes that are left of ``memory``.
  package var unusedBytes: Int { state.withLock { max(0, memory - $0.heldBytes - $0.labelBytes) } }

  /// Bytes of the file; 0 while everything fits in memory.
  package var fileBytes: Int { state.withLock { $0.end } }

  /// Adds a block, and gives its number.
  ///
  /// - Throws: `RasterError` where the file cannot be made or written.
  package func add(_ pixels: PixelBlock) throws(RasterError) -> Int {
    try state.withLock { state throws(RasterError) in
      let number = state.added
      state.added += 1
      state.blocks[number] = Block(pixels)
      state.hold(pixels, as: number)
      do throws(SystemError) {
        if state.file != nil {
          try write(number, &state)
        } else if state.heldBytes > room(state) {
          try makeFile(&state)
        }
      } catch {
        state.remove(number)
        throw RasterError(error, "hold training data in blocks")
      }
      makeRoom(&state)
      return number
    }
  }

  /// Returns the pixels of a block.
  package func pixels(of number: Int) -> PixelBlock {
    let (found, block, file) = state.withLock { state in
      state.clock += 1
      state.held[number]?.lastUse = state.clock
      return (state.held[number]?.pixels, state.blocks[number]!, state.file)
    }
    if let found { return found }
    // Outside the lock: threads that cut chips read side by side.
    let pixels = read(block, from: file!)
    state.withLock { state in
      guard state.held[number] == nil else { return }
      state.hold(pixels, as: number)
      makeRoom(&state)
    }
    return pixels
  }

  /// Forgets blocks.
  package func remove(_ numbers: [Int]) {
    state.withLock { state in
      for number in numbers { state.remove(number) }
    }
  }

  /// Counts bytes of labels that are in memory from now on, or, where negative, no longer.
  func countLabels(_ bytes: Int) { state.withLock { $0.labelBytes += bytes } }

  /// Returns the bytes that blocks may take: what labels leave, but a quarter at least.
  private func room(_ state: State) -> Int { max(memory - state.labelBytes, memory / 4) }

  /// Leaves in memory what it may take: the blocks that were used last. An eighth goes besides, so that not
  /// each block that comes searches for one to go.
  private func makeRoom(_ state: inout State) {
    let room = room(state)
    guard state.file != nil, state.heldBytes > room else { return }
    for (number, _) in state.held.sorted(by: { $0.value.lastUse < $1.value.lastUse })
    where state.heldBytes > room - room / 8 {
      state.release(number)
    }
  }

  // MARK: - The file

  private func makeFile(_ state: inout State) throws(SystemError) {
    // Where that fails the file says why.
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    do throws(SystemError) {
      state.file = try PositionedFile(unnamedIn: directory.path)
      for number in state.held.keys.sorted() { try write(number, &state) }
    } catch {
      // All blocks are still in memory.
      state.closeFile()
      throw error
    }
  }

  private func write(_ number: Int, _ state: inout State) throws(SystemError) {
    let (block, pixels) = (state.blocks[number]!, state.held[number]!.pixels)
    let place = state.free[block.bytes]?.popLast() ?? state.end
    try state.file!.write(pixels.values, at: place)
    try state.file!.write(pixels.valid, at: place + block.bytes - block.pixelCount)
    state.end = max(state.end, place + block.bytes)
    state.blocks[number]!.place = place
  }

  private func read(_ block: Block, from file: PositionedFile) -> PixelBlock {
    func array<Element: BitwiseCopyable>(_ count: Int, at place: Int) throws -> [Element] {
      try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        try file.read(UnsafeMutableRawBufferPointer(buffer), at: place)
        initialized = count
      }
    }
    do {
      return PixelBlock(
        width: block.width, height: block.height, bandCount: block.bandCount,
        values: try array(block.bandCount * block.pixelCount, at: block.place!),
        valid: try array(block.pixelCount, at: block.place! + block.bytes - block.pixelCount))
    } catch {
      // The file is open, whole and nobody else's: the disk has failed, as it would under a page of the
      // program.
      fatalError("\(error): the disk has lost training data")
    }
  }
}
