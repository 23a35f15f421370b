/// A file that `torch.save` wrote: a pickle, and apart from it the bytes of the storages that the pickle
/// names.
struct TorchCheckpoint {
  let pickle: Pickle
  /// The bytes of each storage in the file, by key.
  private let storages: [String: Range<Int>]
  private let bytes: FileBytes

  /// Returns the place of the elements of a tensor.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the tensor, where its storage is missing or too
  ///   short.
  func stored(_ tensor: TorchTensor, named name: String) throws(CheckpointError) -> StoredTensor {
    let storage = tensor.storage
    guard let part = storages[storage.key] else {
      throw bytes.malformed("tensor '\(name)': its storage '\(storage.key)' is not in the file")
    }
    let available = part.count / storage.elementBytes
    guard storage.start <= available, storage.count <= available - storage.start else {
      throw bytes.malformed(
        "tensor '\(name)': its storage '\(storage.key)' of \(storage.count) elements has \(part.count) bytes")
    }
    let begin = part.lowerBound + storage.start * storage.elementBytes
    return try StoredTensor(
      named: name, tensor.element, extents: tensor.extents, strides: tensor.strides, offset: tensor.offset,
      in: begin..<begin + storage.count * storage.elementBytes, of: bytes)
  }
}

// MARK: A zip archive, from version 1.6 of PyTorch on

extension TorchCheckpoint {
  /// Reads an archive: `ROOT/data.pkl`, `ROOT/data/KEY` for each storage, `ROOT/byteorder` in newer ones.
  init(archive bytes: FileBytes) throws(CheckpointError) {
    let archive = try StoredArchive(bytes)
    let members = archive.members
    let names = archive.compressed.union(members.keys)
    if let code = names.filter({ $0.hasSuffix("/constants.pkl") || $0.contains("/code/") }).min() {
      throw bytes.malformed(
        "a TorchScript program ('\(code)'), not weights: save those of its module with "
          + "torch.save(module.state_dict(), ...)")
    }
    if let name = archive.compressed.min() {
      throw bytes.malformed("member '\(name)' is compressed: torch.save did not write this archive")
    }
    let pickles = names.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard let name = pickles.first else {
      throw bytes.malformed("a zip archive without data.pkl: torch.save did not write it")
    }
    guard pickles.count == 1 else {
      let list = pickles.sorted().joined(separator: ", ")
      throw bytes.malformed("the archive holds \(pickles.count) checkpoints: \(list)")
    }
    let root = name.dropLast("data.pkl".count)
    if let order = members[root + "byteorder"], try !bytes.has(Array("little".utf8), at: order.lowerBound) {
      throw bytes.malformed("its numbers are big-endian: save it again on a little-endian machine")
    }
    pickle = try Pickle(bytes, in: members[name]!)
    let data = root + "data/"
    storages = Dictionary(
      uniqueKeysWithValues: pickle.storages.keys.compactMap { key in members[data + key].map { (key, $0) } })
    self.bytes = bytes
  }
}

// MARK: Pickles one after the other, before

extension TorchCheckpoint {
  /// The first pickle of a file before PyTorch 1.6: LONG1 with 10 bytes.
  private static let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Returns whether a file begins with the pickle of the magic number; from protocol 4 on in a frame.
  static func isLegacy(_ bytes: FileBytes) throws(CheckpointError) -> Bool {
    if try bytes.has(magic, at: 2) { return true }
    return try bytes.has(magic, at: 11)
  }

  /// Reads the pickles of a magic number, a version, the machine, the object and the keys, then the storages
  /// in the order of the keys, each with its count of elements.
  init(legacy bytes: FileBytes) throws(CheckpointError) {
    var place = 0
    func next() throws(CheckpointError) -> Pickle {
      let pickle = try Pickle(bytes, in: place..<bytes.count)
      place = pickle.end
      return pickle
    }
    _ = try next()
    let version = try next().root
    guard version == .integer(1001) else {
      throw bytes.malformed("version 1001 of the format before 1.6 is read, this is another")
    }
    let machine = try next()
    let isLittleEndian = machine.pairs(machine.root)?.last { $0.key == .text("little_endian") }?.value
    guard isLittleEndian != .bool(false) else {
      throw bytes.malformed("its numbers are big-endian: save it again on a little-endian machine")
    }
    pickle = try next()
    let keys = try next()
    guard let list = keys[keys.root], case .list = list.kind else {
      throw bytes.malformed("the list of storages is missing")
    }
    storages = try Self.storages(list.items, of: pickle, from: place, bytes)
    self.bytes = bytes
  }

  private static func storages(
    _ keys: [PickleValue], of pickle: Pickle, from start: Int, _ bytes: FileBytes
  ) throws(CheckpointError) -> [String: Range<Int>] {
    var storages: [String: Range<Int>] = [:]
    var place = start
    for value in keys {
      guard case .text(let key) = value, let element = pickle.storages[key] else {
        throw bytes.malformed("the list of storages names one that the checkpoint does not have")
      }
      let count = try bytes.integer(Int64.self, at: place)
      let size = (element?.bits ?? 8) / 8
      place += 8
      guard count >= 0, Int(count) <= (bytes.count - place) / size else {
        throw bytes.malformed(
          "storage '\(key)' of \(count) elements does not fit the \(bytes.count - place) bytes that are left")
      }
      guard storages.updateValue(place..<place + Int(count) * size, forKey: key) == nil else {
        throw bytes.malformed("the list of storages names '\(key)' twice")
      }
      place += Int(count) * size
    }
    return storages
  }
}
