import Foundation
import Layers
import Tensors

/// The tensors of a weights file by name, read when they are asked for.
///
/// Safetensors, today's zip archive of `torch.save` and its format before version 1.6 are told apart by their
/// content. A pickle is read as data: nothing in it is resolved or executed. The file stays open and takes
/// little more memory than the tensors that are asked for; it must not change meanwhile.
public struct WeightsFile: Sendable {
  /// The layout of a weights file.
  public enum Format: String, Sendable, CustomStringConvertible {
    /// The safetensors format.
    case safetensors
    /// The zip archive of PyTorch 1.6 and later.
    case torchArchive
    /// The pickles and storages of PyTorch before 1.6.
    case torchLegacy

    /// The name of the format for people.
    public var description: String {
      switch self {
      case .safetensors: "safetensors"
      case .torchArchive: "PyTorch"
      case .torchLegacy: "PyTorch before 1.6"
      }
    }
  }

  /// The facts about a tensor that are known without reading it.
  public struct Entry: Hashable, Sendable {
    /// The name of the tensor, after the rules that ``WeightsFile/notes`` tell of.
    public let name: String
    /// The element type as safetensors spells it, in any format: `F32`, `I64`.
    public let type: String
    /// The extents of the tensor.
    public let shape: Shape
  }

  /// The path of the file.
  public let path: String
  /// The layout of the file.
  public let format: Format
  /// The text metadata: `__metadata__` of safetensors, else empty.
  public let metadata: [String: String]
  /// The tensors in the file's order: by place in safetensors, by insertion in pickles.
  public private(set) var entries: [Entry]
  /// The changes that were made, in sentences and in their order: names unwrapped or stripped, tensors left
  /// out.
  public private(set) var notes: [String]

  /// The names of tensors that stood beside the prefix that all others had.
  public private(set) var beside: Set<String> = []

  private let bytes: FileBytes
  /// The stored tensor of each entry; nil of one that was made of others.
  private var stored: [StoredTensor?]
  /// The tensors that were made of others, by name.
  private var made: [String: [Float]] = [:]
  private var places: [String: Int]

  /// Reads the entries of a file.
  ///
  /// - Throws: ``CheckpointError``: `notFound`; `malformed` with the tensor's name, or the opcode and its
  ///   byte, where the file breaks its format, holds no tensors, or two names become equal by the rules.
  public init(contentsOf path: String) throws(CheckpointError) {
    try self.init(FileBytes(contentsOf: path))
  }

  /// Reads the entries of a file from its bytes.
  ///
  /// - Parameters:
  ///   - data: the whole file.
  ///   - path: the path of the file, for messages.
  /// - Throws: ``CheckpointError`` `malformed`.
  public init(data: Data, path: String) throws(CheckpointError) {
    try self.init(FileBytes(data, path: path))
  }

  private init(_ bytes: FileBytes) throws(CheckpointError) {
    (self.bytes, path) = (bytes, bytes.path)
    format = try Format(of: bytes)
    var found: [(name: String, tensor: StoredTensor)] = []
    switch format {
    case .safetensors:
      let header = try SafetensorsHeader(bytes)
      (metadata, notes, found) = (header.metadata, [], header.tensors)
    case .torchArchive, .torchLegacy:
      let checkpoint =
        try format == .torchArchive
        ? TorchCheckpoint(archive: bytes) : TorchCheckpoint(legacy: bytes)
      let contents = try CheckpointContents(checkpoint.pickle, of: bytes)
      (metadata, notes) = ([:], contents.notes)
      for (name, tensor) in contents.tensors {
        found.append((name, try checkpoint.stored(tensor, named: name)))
      }
    }
    guard !found.isEmpty else { throw bytes.malformed("there are no tensors in it") }
    try Self.checkClaims(found, bytes)
    entries = found.map { Entry(name: $0.name, type: $0.tensor.element.rawValue, shape: $0.tensor.shape) }
    stored = found.map(\.tensor)
    places = Self.places(entries)
    let published = PublishedNames(found.map(\.name))
    notes += published.notes
    beside = published.beside
    let renamed = try naming(distinct: published.names)
    (entries, stored, places) = (renamed.entries, renamed.stored, renamed.places)
  }

  /// Checks the size of the tensors: a view can repeat few bytes without end, or spread few elements over all
  /// of the file. All tensors together have, and lie among, at most four elements a byte of the file, or 16
  /// Mi.
  private static func checkClaims(
    _ found: [(name: String, tensor: StoredTensor)], _ bytes: FileBytes
  ) throws(CheckpointError) {
    let limit = max(16 << 20, 4 * bytes.count)
    var claimed = 0
    for (name, tensor) in found {
      let spread = tensor.span.count * 8 / tensor.element.bits
      claimed += min(max(tensor.shape.count, spread), limit + 1)
      guard claimed <= limit else {
        throw bytes.malformed(
          "tensor '\(name)' of shape \(tensor.shape) repeats its numbers too often, or spreads them too far, for a file of \(bytes.count) bytes"
        )
      }
    }
  }

  private static func places(_ entries: [Entry]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($0.element.name, $0.offset) })
  }

  // MARK: Tensors

  /// Returns the entry of a tensor, unread; nil where there is none of this name.
  public subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  /// Reads a tensor as Float32, plain; integers and truth values become numbers.
  ///
  /// - Throws: ``CheckpointError``: `mismatch` where there is none of this name, `malformed` where Float32
  ///   cannot hold its type, `cannotRead`, also where the file has become shorter.
  public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
    guard let place = places[name] else {
      throw CheckpointError(.mismatch, path: path, "there is no tensor '\(name)'")
    }
    if let values = made[name] { return Tensor(values, shape: entries[place].shape) }
    guard let tensor = try stored[place]?.tensor(from: bytes) else {
      throw bytes.malformed(
        "tensor '\(name)' has type \(entries[place].type); \(ElementType.readable) are read")
    }
    return tensor
  }

  // MARK: Names

  /// Returns the file with `prefix` taken off the names that have it and all others left out; a note says so.
  public func below(_ prefix: String) -> WeightsFile {
    // Names that differ with the prefix differ without it.
    var file = naming(
      entries.map { $0.name.hasPrefix(prefix) ? String($0.name.dropFirst(prefix.count)) : nil })
    let others = entries.count - file.entries.count
    file.notes.append(
      "took '\(prefix)' off \(PublishedNames.tensors(file.entries.count))"
        + (others > 0 ? ", left out the other \(others)" : ""))
    return file
  }

  /// Returns the file without some of its tensors, which no network at hand has a use for; a note names them.
  public func leavingOut(_ names: [String]) -> WeightsFile {
    guard !names.isEmpty else { return self }
    let unwanted = Set(names)
    var file = naming(entries.map { unwanted.contains($0.name) ? nil : $0.name })
    let shown = names.prefix(5).joined(separator: ", ")
    file.notes.append(
      "left out \(shown)\(names.count > 5 ? " and \(names.count - 5) more" : ""), no part of the network")
    return file
  }

  /// Returns the file with other names.
  ///
  /// - Parameter change: returns the new name for an old one; nil leaves the tensor out.
  /// - Throws: ``CheckpointError`` `malformed` that names two tensors whose names become equal.
  public func renamed(_ change: (String) -> String?) throws(CheckpointError) -> WeightsFile {
    try naming(distinct: entries.map { change($0.name) })
  }

  /// Returns the file with a tensor seen as the parameter that it holds in another form, which a note says; the
  /// file itself where it is not of that form, or not there.
  public func reading(_ name: String, from form: StoredForm) -> WeightsFile {
    guard let place = places[name], let parameter = stored[place]?.parameter(from: form) else { return self }
    var file = self
    file.stored[place] = parameter
    file.entries[place] = Entry(name: name, type: entries[place].type, shape: parameter.shape)
    file.notes.append("read '\(name)' \(entries[place].shape) as \(parameter.shape)")
    return file
  }

  /// Returns the file with a parameter made of the tensors that it is kept in, which a note says; the file
  /// itself where not all of them are there, or they do not make it up.
  ///
  /// - Throws: ``CheckpointError`` as ``tensor(_:)``.
  public func assembling(_ assembly: Assembly) throws(CheckpointError) -> WeightsFile {
    let sources = assembly.sources.compactMap { self[$0] }
    guard places[assembly.path] == nil, let shape = assembly.shape(of: sources.map(\.shape)) else {
      return self
    }
    var tensors: [Tensor] = []
    for source in sources { tensors.append(try tensor(source.name)) }
    var file = self
    file.places[assembly.path] = entries.count
    file.entries.append(Entry(name: assembly.path, type: "F32", shape: shape))
    file.stored.append(nil)
    file.made[assembly.path] = assembly.parameter(of: tensors).values
    file.notes.append("made '\(assembly.path)' \(shape) of \(sources.map(\.name).joined(separator: ", "))")
    return file
  }

  /// Adds a sentence to ``notes`` about a change that a reader of the file made.
  public mutating func note(_ sentence: String) { notes.append(sentence) }

  private func naming(distinct names: [String?]) throws(CheckpointError) -> WeightsFile {
    var origins: [String: String] = [:]
    for (entry, name) in zip(entries, names) {
      guard let name else { continue }
      if let other = origins.updateValue(entry.name, forKey: name) {
        throw bytes.malformed("tensors '\(other)' and '\(entry.name)' both become '\(name)'")
      }
    }
    return naming(names)
  }

  /// Returns the file with a new name for each entry; nil leaves an entry out.
  private func naming(_ names: [String?]) -> WeightsFile {
    let kept = names.indices.filter { names[$0] != nil }
    var file = self
    file.entries = kept.map { Entry(name: names[$0]!, type: entries[$0].type, shape: entries[$0].shape) }
    file.stored = kept.map { stored[$0] }
    file.places = Self.places(file.entries)
    file.made = [:]
    for place in kept { file.made[names[place]!] = made[entries[place].name] }
    return file
  }
}

extension WeightsFile.Format {
  /// Tells the format by the first bytes.
  fileprivate init(of bytes: FileBytes) throws(CheckpointError) {
    guard bytes.count > 0 else { throw bytes.malformed("the file is empty") }
    let signature = bytes.count < 4 ? 0 : try bytes.integer(UInt32.self, at: 0)
    if StoredArchive.signatures.contains(signature) {
      self = .torchArchive
    } else if try TorchCheckpoint.isLegacy(bytes) {
      self = .torchLegacy
    } else if try Self.hasHeader(bytes) {
      self = .safetensors
    } else if try bytes.has(Array("ustar".utf8), at: 257) {
      throw bytes.malformed(
        "a tar archive: PyTorch's format before 0.1.10 is not read; load it with PyTorch and save it again")
    } else if try bytes.has([0x80], at: 0) {
      throw bytes.malformed("a pickle that torch.save did not write: save its tensors with torch.save")
    } else {
      throw bytes.malformed("neither safetensors nor written by torch.save")
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
