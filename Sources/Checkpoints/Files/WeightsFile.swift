import Foundation
import Layers
import Tensors

/// The tensors of a weights file by name, read when they are asked for.
///
/// Safetensors, today's zip archive of `torch.save`, its format before version 1.6, ONNX and the index of
/// weights in several files are told apart by their content. A pickle is read as data: nothing in it is
/// resolved or executed, and of an ONNX graph the constants are read. The file stays open and takes little
/// more memory than the tensors that are asked for; it must not change meanwhile.
public struct WeightsFile: Sendable {
  /// The layout of a weights file.
  public enum Format: String, Sendable, CustomStringConvertible {
    /// The safetensors format.
    case safetensors
    /// The zip archive of PyTorch 1.6 and later.
    case torchArchive
    /// The pickles and storages of PyTorch before 1.6.
    case torchLegacy
    /// The constants of an ONNX graph, which may lie in files beside it.
    case onnx
    /// An index in JSON of weights in several files beside it, as transformers writes it.
    case index

    /// The name of the format for people.
    public var description: String {
      switch self {
      case .safetensors: "safetensors"
      case .torchArchive: "PyTorch"
      case .torchLegacy: "PyTorch before 1.6"
      case .onnx: "ONNX"
      case .index: "an index of several files"
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
  /// The text metadata: `__metadata__` of safetensors, `metadata_props` of ONNX, else empty.
  public let metadata: [String: String]
  /// The paths of the files beside this one in which tensors lie.
  public let companions: [String]
  /// The tensors in the file's order: by place in safetensors, by insertion in pickles, as they stand in a
  /// graph or an index.
  public private(set) var entries: [Entry]
  /// The changes that were made, in sentences and in their order: names unwrapped or stripped, tensors left
  /// out.
  public private(set) var notes: [String]

  /// The names of tensors that stood beside the prefix that all others had.
  public private(set) var beside: Set<String> = []

  /// The graph that the tensors are the constants of; nil where there is none.
  package let graph: WeightsGraph?
  private let bytes: FileBytes
  /// The stored tensor of each entry.
  private var stored: [StoredTensor]
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
    let contents = try StoredContents(bytes)
    (format, metadata, notes) = (contents.format, contents.metadata, contents.notes)
    (companions, graph) = (contents.companions, contents.graph)
    let found = contents.tensors
    guard !found.isEmpty else { throw bytes.malformed("there are no tensors in it") }
    try contents.checkClaims(bytes)
    entries = found.map { Entry(name: $0.name, type: $0.tensor.element.rawValue, shape: $0.tensor.shape) }
    stored = found.map(\.tensor)
    places = Self.places(entries)
    let published = PublishedNames(found.map(\.name))
    notes += published.notes
    beside = published.beside
    let renamed = try naming(distinct: published.names)
    (entries, stored, places) = (renamed.entries, renamed.stored, renamed.places)
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
    guard let tensor = try stored[place].tensor(named: name) else {
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

  /// Returns the file with a tensor seen as the parameter that it holds in another form, which a note says;
  /// the file itself where it is not of that form, or not there.
  public func reading(_ name: String, from form: StoredForm) -> WeightsFile {
    guard let place = places[name], let parameter = stored[place].parameter(from: form) else { return self }
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
    return adding(
      [(assembly.path, assembly.parameter(of: tensors))],
      note: "made '\(assembly.path)' \(shape) of \(sources.map(\.name).joined(separator: ", "))")
  }

  /// Returns the file with the filters that its generator makes for bands, which a note says; the file itself
  /// where it has the filters, or not all of the generator.
  ///
  /// - Parameter bands: the bands, and the wavelengths of their centres in nanometres.
  /// - Throws: ``CheckpointError``: `card` that names the bands without a wavelength; as ``tensor(_:)``.
  public func generating(
    by generator: KernelGenerator, for bands: [(name: String, wavelength: Double?)]
  ) throws(CheckpointError) -> WeightsFile {
    guard has(generator) else { return self }
    let unknown = bands.filter { $0.wavelength == nil }.map(\.name)
    guard unknown.isEmpty else {
      throw CheckpointError(
        .card, path: path,
        "filters are made from wavelengths, and none is known of \(unknown.joined(separator: ", "))")
    }
    var tensors: [String: Tensor] = [:]
    for name in generator.tensors.keys { tensors[name] = try tensor(name) }
    let wavelengths = bands.compactMap(\.wavelength)
    let made = generator.filters(for: wavelengths, from: tensors)
    let waves = wavelengths.map { "\((10 * $0).rounded() / 10)".replacing(/\.0$/, with: "") }
    return adding(
      [(generator.weightPath, made.weight), (generator.biasPath, made.bias)],
      note:
        "made '\(generator.weightPath)' \(made.weight.shape) for wavelengths of \(waves.joined(separator: ", ")) nm"
    )
  }

  /// Returns whether the file has a whole generator, and not the filters that it makes.
  package func has(_ generator: KernelGenerator) -> Bool {
    places[generator.weightPath] == nil && places[generator.biasPath] == nil
      && generator.tensors.allSatisfy { self[$0.key]?.shape == $0.value }
  }

  private func adding(_ tensors: [(name: String, tensor: Tensor)], note: String) -> WeightsFile {
    var file = self
    for (name, tensor) in tensors {
      file.places[name] = file.entries.count
      file.entries.append(Entry(name: name, type: "F32", shape: tensor.shape))
      file.stored.append(StoredTensor(tensor, path: path))
    }
    file.notes.append(note)
    return file
  }

  /// Adds a sentence to ``notes`` about a change that a reader of the file made.
  public mutating func note(_ sentence: String) { notes.append(sentence) }

  /// Returns the file with other tensors; a note says so.
  func replacing(_ tensors: [(name: String, tensor: StoredTensor)], note: String) -> WeightsFile {
    var file = self
    file.entries = tensors.map {
      Entry(name: $0.name, type: $0.tensor.element.rawValue, shape: $0.tensor.shape)
    }
    file.stored = tensors.map(\.tensor)
    (file.places, file.beside) = (Self.places(file.entries), [])
    file.notes.append(note)
    return file
  }

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
    return file
  }
}
