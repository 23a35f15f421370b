import Checkpoints
import Layers
import Tensors

/// A file of weights under the names of a network of pixels, or of a classifier of whole images, that is to
/// start from it.
public struct StartingWeights {
  /// The tensors by their paths in the network.
  public let file: WeightsFile
  /// Whether decoder and head are among them, or the encoder alone; of a classifier everything before its
  /// last linear map.
  public let isWhole: Bool
  /// Whether the first filters were made for the bands at hand: no other bands are known to the file.
  public let isMadeForBands: Bool

  /// Finds what a file is to a network of the wanted kind: all of it, or the weights of its encoder under any
  /// publisher's names. A head may be of any number of classes.
  ///
  /// - Parameters:
  ///   - comparison: how the network brings two dates together. Published weights know one date: their
  ///     decoder does not fit a network that compares.
  ///   - bands: the bands at hand with their wavelengths in nanometres, for files that make the first filters
  ///     from them; nil leaves these filters out.
  /// - Throws: ``CheckpointError``: `mismatch` that says what the file is instead, or which tensors are
  ///   missing or would change what the network gives; `card` that names bands without a wavelength.
  public init(
    _ file: WeightsFile, for wanted: Architecture, comparing comparison: DateComparison? = nil,
    bands: [(name: String, wavelength: Double?)]? = nil
  ) throws(CheckpointError) {
    let file = try Recognition.unfolded(file, among: [wanted] + Architecture.ofImages)
    let network = wanted.network(NetworkOptions(bands: 1, classes: 1, scheme: wanted.schemes[0]))
    let rest = network.description.parts.filter { $0.role != .encoder }
    let isOfRest = { (path: String) in rest.contain(path) }
    let whole = try Self.whole(of: file, for: wanted, bands) { isOfRest($0) && network.parameters[$0] != nil }
    let candidates = Recognition.candidates(for: file, among: Architecture.ofImages)
    let found = Self.encoders(of: wanted, network.parameters, isOfRest).lazy
      .compactMap { Self.first(of: candidates, thatFits: $0, of: network) }.first
    // An encoder that lies elsewhere than its decoder is not missing.
    if let whole, whole.hasEncoder || found == nil {
      (isWhole, isMadeForBands) = (comparison == nil, whole.isMadeForBands)
      let own = isWhole ? whole.file : try whole.file.renamed { isOfRest($0) ? nil : $0 }
      self.file = Self.noting(unusedOf: network.parameters, own)
      return
    }
    guard let (found, paths) = found else {
      throw CheckpointError(
        .mismatch, path: file.path,
        "these are not weights of \(wanted.description): "
          + Self.explanation(candidates.first, file))
    }
    isMadeForBands = found.isOfAnyBands
    try Self.checkLeftOver(found, file)
    let constants = Self.otherConstants(found, wanted)
    let decoder =
      wanted.encoder == nil
      ? nil
      : FoundDecoder(
        network.parameters.all.filter { isOfRest($0.path) }, in: file, besideEncoderAt: found.prefix)
    let read = "read as \(found.network.name) in \(found.options.scheme.rawValue)'s names"
    if comparison == nil && constants == nil, let decoder, decoder.isWhole, wanted.takesTimmsMaps {
      var joined = try file.renamed { name in
        decoder.paths[name]
          ?? (name.hasPrefix(found.prefix) ? paths[String(name.dropFirst(found.prefix.count))] : nil)
      }
      let beside = found.outside.filter {
        decoder.paths[$0] == nil && !$0.hasSuffix(".num_batches_tracked")
      }
      joined.note(
        "\(read) below '\(found.prefix)', with its decoder"
          + (beside.isEmpty ? "" : ", leaving out \(Self.list(beside))"))
      (self.file, isWhole) = (Self.noting(unusedOf: network.parameters, joined), true)
      return
    }
    var named = try found.weights(in: file, for: bands).renamed { paths[$0] }
    for (path, form) in network.parameters.storedForms { named = named.reading(path, from: form) }
    named.note(read + Self.leftOut(found, paths, file))
    if let constants { named.note(constants) }
    if comparison == nil, let decoder {
      named.note(
        "the file has a decoder, too, which is not taken: "
          + (decoder.isWhole
            ? "it was trained over other maps than those of \(wanted.encoder ?? wanted.name)"
            : "not all of it fits \(wanted.name)"))
    }
    (self.file, isWhole) = (Self.noting(unusedOf: network.parameters, named), false)
  }

  /// Returns the file with a note of the tensors that it lacks and no result depends on.
  private static func noting(unusedOf parameters: ParameterList, _ file: WeightsFile) -> WeightsFile {
    let lacking = parameters.all.map(\.path).filter { parameters.isUnused($0) && file[$0] == nil }
    guard !lacking.isEmpty else { return file }
    var noted = file
    noted.note("the file lacks \(list(lacking)), which no result depends on: they become 0")
    return noted
  }

  /// Returns the sets of parameters that a file may have of a network without being all of it. A
  /// transformer's last normalisation, say, stands with the head of a classifier: publishers' encoders have
  /// it, or end before it.
  private static func encoders(
    of wanted: Architecture, _ parameters: ParameterList, _ isOfRest: (String) -> Bool
  ) -> [[Parameter]] {
    let encoder = parameters.all.filter { !isOfRest($0.path) }
    guard wanted.encoder == nil else { return [encoder] }
    let classTensors = wanted.classTensors
    return [parameters.all.filter { !classTensors.contains($0.path) }, encoder]
  }

  /// Returns the file as a whole network of the wanted kind, where it has any of the decoder's names, and
  /// whether the encoder is there, too. A decoder of other names is another one: that of a masked
  /// autoencoder.
  private static func whole(
    of file: WeightsFile, for wanted: Architecture, _ bands: [(name: String, wavelength: Double?)]?,
    _ isOfRest: (String) -> Bool
  ) throws(CheckpointError) -> (file: WeightsFile, hasEncoder: Bool, isMadeForBands: Bool)? {
    guard
      let found = Recognition.candidates(for: file, among: [wanted])
        .first(where: { $0.options.scheme == wanted.schemes[0] })
    else { return nil }
    let weights = try found.weights(in: file, for: bands)
    guard weights.entries.contains(where: { isOfRest($0.name) }) else { return nil }
    let paths = found.missing.map { String($0.dropFirst(found.prefix.count)) }
    return (weights, paths.allSatisfy(isOfRest), found.isOfAnyBands)
  }

  private static func checkLeftOver(_ found: Recognition, _ file: WeightsFile) throws(CheckpointError) {
    guard !found.leftOver.isEmpty else { return }
    let shown = found.leftOver.prefix(5).map { "tensor '\($0)' has no place in the network" }
    throw CheckpointError(
      .mismatch, path: file.path,
      "this is \(found.network.name) with something added: \(shown.joined(separator: "; "))"
        + (found.leftOver.count > 5 ? "; and \(found.leftOver.count - 5) more" : ""))
  }

  /// Creates a file that terrane wrote of the very network.
  public init(own file: WeightsFile) { (self.file, isWhole, isMadeForBands) = (file, true, false) }

  /// Describes the constants that these weights were trained with and the wanted network does not compute.
  private static func otherConstants(_ found: Recognition, _ wanted: Architecture) -> String? {
    let trained = found.network.description(found.options).ownConstants
    let options = NetworkOptions(bands: 1, scheme: wanted.schemes[0])
    guard let trained, let run = wanted.description(options).ownConstants, trained != run else { return nil }
    return
      "these weights were made for \(trained), \(wanted.encoder ?? wanted.name) has \(run): its activations differ "
      + "from the original's until it is fine-tuned"
  }

  /// Returns the first architecture that has the encoder's tensors in the same order and shapes, with the
  /// encoder's path of each name; only those may be missing on which no result depends. A head of any form is
  /// not the encoder's. A network with constants of its own is none of those without.
  private static func first(
    of candidates: [Recognition], thatFits encoder: [Parameter], of wanted: any Network
  ) -> (Recognition, [String: String])? {
    let network = wanted.parameters
    for candidate in candidates {
      var options = candidate.options
      let constants = candidate.network.description(options).ownConstants
      guard (constants == nil) == (wanted.description.ownConstants == nil) else { continue }
      options.classes = nil
      options.bands = 1
      let blueprint = Blueprint(candidate.network, options)
      let all = blueprint.tensors
      guard
        let tensors = [all, all.filter { !blueprint.isUnused($0.path) }].first(where: { tensors in
          tensors.count == encoder.count
            && zip(tensors, encoder).allSatisfy { holds($0.shape, $1, in: network) }
        })
      else { continue }
      let paths = Dictionary(uniqueKeysWithValues: zip(tensors.map(\.path), encoder.map(\.path)))
      let own = { (name: String) in String(name.dropFirst(candidate.prefix.count)) }
      let needed = Set(paths.keys).union(blueprint.constants.map(\.path))
      guard candidate.misshapen.allSatisfy({ !needed.contains(own($0.name)) }),
        candidate.missing.allSatisfy({ paths[own($0)].map(network.isUnused) ?? true })
      else { continue }
      return (candidate, paths)
    }
    return nil
  }

  /// Returns whether a tensor of a shape is a parameter of the network, or one in another form.
  private static func holds(_ shape: Shape, _ parameter: Parameter, in network: ParameterList) -> Bool {
    shape == parameter.tensor.shape
      || network.storedForms[parameter.path]?.shape(of: shape) == parameter.tensor.shape
  }

  private static func explanation(_ best: Recognition?, _ file: WeightsFile) -> String {
    guard let best else {
      let isUniversal = file.entries.contains { $0.name.contains("encoder.model.") }
      return "no architecture explains its tensors"
        + (isUniversal
          ? "; those below 'encoder.model.' are of an encoder 'tu-...' of timm that terrane does not know"
          : "")
    }
    let first =
      (best.missing + best.misshapen.map(\.name)).first.map { "; tensor '\($0)' does not fit" }
      ?? "; they are in \(best.options.scheme.rawValue)'s names and shapes"
    return "\(best.network.description) explains \(best.fitting) of its tensors best" + first
  }

  /// Heads and counters are nobody's loss; other names are said.
  private static func leftOut(_ found: Recognition, _ paths: [String: String], _ file: WeightsFile) -> String
  {
    let unknown = found.outside
    let head = file.entries.count { entry in
      entry.name.hasPrefix(found.prefix) && paths[String(entry.name.dropFirst(found.prefix.count))] == nil
        && !unknown.contains(entry.name)
    }
    guard !unknown.isEmpty else {
      return head == 0 ? "" : ", without its head and counters (\(head) tensors)"
    }
    return ", leaving out \(list(unknown))" + (head > 0 ? " and its head and counters (\(head) tensors)" : "")
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}

/// A decoder that lies beside an encoder of other names.
private struct FoundDecoder {
  /// The decoder's path of each name of the file.
  private(set) var paths: [String: String] = [:]
  /// Whether nothing of it is missing.
  let isWhole: Bool

  /// Nil where the file has none of the decoder's names.
  ///
  /// - Parameter prefix: what stands before the encoder's names: `net.encoder.model.`.
  init?(_ parameters: [Parameter], in file: WeightsFile, besideEncoderAt prefix: String) {
    let wanted = parameters.map { (path: $0.path, shape: $0.tensor.shape) }
    let words = prefix.split(separator: ".").map { $0 + "." }
    for count in words.indices.reversed() {
      let place = words[..<count].joined()
      let found = wanted.filter { file[place + $0.path] != nil }
      guard !found.isEmpty else { continue }
      // The wanted network has one class: how many the file has is another matter.
      let fits = found.filter { path, shape in
        let own = file[place + path]!.shape
        return own == shape
          || own.rank == shape.rank && shape[0] == 1
            && own.extents.dropFirst().elementsEqual(shape.extents.dropFirst())
      }
      for (path, _) in fits { paths[place + path] = path }
      isWhole = fits.count == wanted.count
      return
    }
    return nil
  }
}
