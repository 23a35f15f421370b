import Tensors

/// The tensors that a file of any format stores, under the names of the file.
struct StoredContents {
  let format: WeightsFile.Format
  /// Texts by name.
  let metadata: [String: String]
  /// What was changed or left out, in sentences.
  let notes: [String]
  /// The tensors in the file's order.
  let tensors: [(name: String, tensor: StoredTensor)]
  /// The paths of the files beside this one in which tensors lie.
  let companions: [String]
  /// The graph that the tensors are the constants of; nil where there is none.
  var graph: WeightsGraph?

  /// Reads the contents of a file whose format its bytes tell.
  ///
  /// - Throws: ``CheckpointError``.
  init(_ bytes: FileBytes) throws(CheckpointError) {
    format = try WeightsFile.Format(of: bytes)
    switch format {
    case .safetensors:
      let header = try SafetensorsHeader(bytes)
      (metadata, notes, tensors, companions) = (header.metadata, [], header.tensors, [])
    case .torchArchive, .torchLegacy:
      let checkpoint =
        try format == .torchArchive
        ? TorchCheckpoint(archive: bytes) : TorchCheckpoint(legacy: bytes)
      let contents = try CheckpointContents(checkpoint.pickle, of: bytes)
      var found: [(name: String, tensor: StoredTensor)] = []
      for (name, tensor) in contents.tensors {
        found.append((name, try checkpoint.stored(tensor, named: name)))
      }
      (metadata, notes, tensors, companions) = ([:], contents.notes, found, [])
    case .onnx:
      let weights = try ONNXWeights(bytes)
      (metadata, notes) = (weights.metadata, weights.notes)
      (tensors, companions) = (weights.tensors, weights.companions)
      graph = weights.graph
    case .index:
      let index = try ShardIndex(bytes)
      (metadata, notes, tensors, companions) = ([:], index.notes, index.tensors, index.companions)
    }
  }

  /// The sizes of the files beside this one.
  private var byteCounts: [String: Int] {
    Dictionary(tensors.map { ($0.tensor.file.path, $0.tensor.file.count) }) { first, _ in first }
  }

  /// Checks the size of the tensors: a view can repeat few bytes without end, or spread few elements over all
  /// of the file. All tensors together have, and lie among, at most four elements a byte of the files that
  /// they lie in, or 16 Mi.
  func checkClaims(_ bytes: FileBytes) throws(CheckpointError) {
    let available = byteCounts.values.reduce(bytes.count) { $0 + $1 }
    let limit = max(16 << 20, 4 * available)
    var claimed = 0
    for (name, tensor) in tensors {
      let spread = tensor.span.count * 8 / tensor.element.bits
      claimed += min(max(tensor.shape.count, spread), limit + 1)
      guard claimed <= limit else {
        throw bytes.malformed(
          "tensor '\(name)' of shape \(tensor.shape) repeats its numbers too often, or spreads them too far, for \(available) bytes"
        )
      }
    }
  }
}

extension WeightsFile.Format {
  /// Tells the format by the first bytes.
  init(of bytes: FileBytes) throws(CheckpointError) {
    guard bytes.count > 0 else { throw bytes.malformed("the file is empty") }
    let signature = bytes.count < 4 ? 0 : try bytes.integer(UInt32.self, at: 0)
    if StoredArchive.signatures.contains(signature) {
      self = .torchArchive
    } else if try TorchCheckpoint.isLegacy(bytes) {
      self = .torchLegacy
    } else if try ShardIndex.isIndex(bytes) {
      self = .index
    } else if try Self.hasHeader(bytes) {
      self = .safetensors
    } else if try ONNXModel.isONNX(bytes) {
      self = .onnx
    } else if try bytes.has(Array("ustar".utf8), at: 257) {
      throw bytes.malformed(
        "a tar archive: PyTorch's format before 0.1.10 is not read; load it with PyTorch and save it again")
    } else if try bytes.has([0x80], at: 0) {
      throw bytes.malformed("a pickle that torch.save did not write: save its tensors with torch.save")
    } else {
      throw bytes.malformed("neither safetensors, nor written by torch.save, nor ONNX")
    }
  }

  /// Returns whether a header of JSON begins, or the file is as long as the header that its first 8 bytes
  /// promise.
  private static func hasHeader(_ bytes: FileBytes) throws(CheckpointError) -> Bool {
    if try bytes.has(Array("{".utf8), at: 8) { return true }
    guard let length = try? bytes.integer(UInt64.self, at: 0) else { return false }
    return length <= SafetensorsHeader.lengthLimit && 8 + Int(length) <= bytes.count
  }
}
