import Foundation

/// Weights in several files, and the index that says which tensor is in which: `model.safetensors.index.json`
/// or `pytorch_model.bin.index.json` of transformers.
struct ShardIndex {
  /// The tensors that the index names, file by file.
  private(set) var tensors: [(name: String, tensor: StoredTensor)] = []
  /// What was changed or left out, in sentences.
  private(set) var notes: [String] = []
  /// The paths of the files, in the order of their names.
  private(set) var companions: [String] = []

  /// The most bytes of an index, and files that it may name: the largest models have some hundreds.
  private static let lengthLimit = 16 << 20
  private static let fileLimit = 4096

  /// Returns whether a file may be an index: it begins with an object of JSON, and what it begins with is not
  /// the length of a header of safetensors.
  static func isIndex(_ bytes: FileBytes) throws(CheckpointError) -> Bool {
    guard try bytes.has([0x7B], at: 0) else { return false }
    guard bytes.count >= 8 else { return true }
    return try bytes.integer(UInt64.self, at: 0) > SafetensorsHeader.lengthLimit
  }

  /// Reads an index and the headers of the files that it names.
  ///
  /// - Throws: ``CheckpointError`` `malformed` for what is no index, a file outside of its folder, or a
  ///   tensor that is not where the index says.
  init(_ bytes: FileBytes) throws(CheckpointError) {
    let text = try bytes.copy(0..<min(bytes.count, Self.lengthLimit + 1))
    guard text.count <= Self.lengthLimit, let json = try? JSONDecoder().decode(Content.self, from: text)
    else {
      throw bytes.malformed("JSON, but no index of weights: it has no 'weight_map' of files by tensor")
    }
    let shards = Dictionary(grouping: json.weight_map.keys) { json.weight_map[$0]! }
    guard shards.count <= Self.fileLimit else {
      throw bytes.malformed("an index of \(shards.count) files; \(Self.fileLimit) are the most that is read")
    }
    var unnamed: [String] = []
    for (shard, names) in shards.sorted(by: { $0.key < $1.key }) {
      let path = try CompanionFile.path(shard, namedBy: bytes)
      let file = try FileBytes(companion: path)
      guard try !Self.isIndex(file) else {
        throw bytes.malformed("it names the file '\(shard)', which is no file of tensors")
      }
      let contents = try StoredContents(file)
      guard contents.companions.isEmpty else {
        throw bytes.malformed("it names the file '\(shard)', whose tensors lie in other files in turn")
      }
      companions.append(path)
      for note in contents.notes where !notes.contains(note) { notes.append(note) }
      let wanted = Set(names)
      let found = contents.tensors.filter { wanted.contains($0.name) }
      if found.count < wanted.count {
        let missing = wanted.subtracting(found.map(\.name)).min()!
        throw bytes.malformed("tensor '\(missing)' is not in '\(shard)', where the index says it is")
      }
      tensors += found
      unnamed += contents.tensors.lazy.map(\.name).filter { !wanted.contains($0) }
    }
    let count = companions.count
    notes.insert("an index of \(count) file\(count == 1 ? "" : "s")", at: 0)
    if !unnamed.isEmpty {
      notes.append("left out tensors that the index does not name: \(CheckpointContents.list(unnamed))")
    }
  }

  /// The JSON of an index.
  private struct Content: Decodable {
    let weight_map: [String: String]
  }
}
