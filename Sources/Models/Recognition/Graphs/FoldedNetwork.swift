import Checkpoints
import Layers
import Tensors

/// One of terrane's networks, found in an ONNX graph whose exporter joined normalisations with convolutions,
/// and perhaps made up names for what came of it.
///
/// Nothing is taken from the order or the shapes of tensors alone: each convolution of the network must have
/// exactly one in the graph that does the same to the same, down to the input, with the same zeros around
/// images, and the other way round.
public struct FoldedNetwork {
  /// The file with the tensors under the network's names.
  public let file: WeightsFile
  /// The network.
  public let network: Architecture

  /// The side of the image on which networks are compared: each of their resolutions divides it.
  private static let side = 224

  /// The most operations of a graph, and bands or classes of a network, that are looked at.
  private static let limits = (nodes: 1 << 14, channels: 1 << 14)

  /// Finds a network; nil where the file is no graph, or one with its own names and normalisations.
  ///
  /// - Throws: ``CheckpointError`` `mismatch` that says what the graph is, and from where on it is none of
  ///   the networks.
  public init?(_ file: WeightsFile, among networks: [Architecture]) throws(CheckpointError) {
    guard let graph = file.graph, graph.nodes.count <= Self.limits.nodes else { return nil }
    let found = GraphFlow(graph)
    let weighted = found.constants.keys.sorted()
    guard let first = weighted.first, let last = weighted.last else { return nil }
    let bands = Self.extents(found, first).dropFirst().first ?? 1
    let classes = Self.extents(found, last).first ?? 1
    guard (1...Self.limits.channels).contains(bands), (1...Self.limits.channels).contains(classes) else {
      return nil
    }
    var nearest: (count: Int, network: Architecture)?
    for network in networks {
      for hasHead in network.encoder == nil ? [true, false] : [true] {
        let options = NetworkOptions(
          bands: bands, classes: hasHead ? classes : nil, scheme: network.schemes[0])
        let made = network.network(options)
        guard Self.isComparable(made.parameters, weighted.count) else { continue }
        let wanted = NetworkFlow(made, bands: bands, side: Self.side)
        var numbers = DataFlowNumbers()
        let (theirs, ours) = (numbers.numbers(of: found.flow), numbers.numbers(of: wanted.flow))
        let places = Dictionary(grouping: weighted) { theirs[$0] }
        let wantedPlaces = wanted.parameters.keys.sorted()
        let fitting = wantedPlaces.prefix { places[ours[$0]] != nil }.count
        if fitting > nearest?.count ?? 0 { nearest = (fitting, network) }
        guard fitting == wantedPlaces.count, wantedPlaces.count == weighted.count,
          places.count == weighted.count
        else { continue }
        var sources: [(name: String, source: WeightsFile.GraphSource)] = []
        for place in wantedPlaces {
          sources += try Self.sources(
            of: wanted.parameters[place]!, from: found.constants[places[ours[place]]![0]]!, file)
        }
        self.file = try file.taking(
          sources,
          note:
            "found \(network.description) in the graph by its \(weighted.count) convolutions and linear maps; "
            + "normalisations that the exporter joined with them do nothing any more")
        self.network = network
        return
      }
    }
    let isChanged =
      !graph.madeUpNames.isEmpty || !graph.nodes.contains { $0.operation == "BatchNormalization" }
    guard isChanged else { return nil }
    throw CheckpointError(.mismatch, path: file.path, Self.explanation(file, weighted.count, nearest))
  }

  private static func extents(_ flow: GraphFlow, _ place: Int) -> [Int] {
    switch flow.flow.nodes[place].operation {
    case .convolution(let shape, _, _, _), .linear(let shape): shape
    case .normalization(let channels): [channels]
    case .input, .function: []
    }
  }

  /// Returns whether a network may be the graph's: it has no more convolutions and linear maps, and nothing
  /// of transformers, whose matrices exporters turn.
  private static func isComparable(_ parameters: ParameterList, _ count: Int) -> Bool {
    let weights = parameters.all.count { $0.role == .weight }
    return weights <= count + 2 && 2 * weights + 2 >= count
      && !parameters.all.contains { $0.role == .embedding || $0.role == .gain }
  }

  /// Returns what the parameters of an operation become.
  private static func sources(
    of parameters: NetworkFlow.Parameters, from constants: GraphFlow.Constants, _ file: WeightsFile
  ) throws(CheckpointError) -> [(name: String, source: WeightsFile.GraphSource)] {
    var sources: [(name: String, source: WeightsFile.GraphSource)] = []
    if let weight = parameters.weight {
      sources.append((weight, .constant(constants.weight, isTransposed: constants.isTransposed)))
    }
    guard let normalization = parameters.normalization else {
      guard (parameters.bias == nil) == (constants.bias == nil), constants.normalization.isEmpty else {
        throw CheckpointError(
          .mismatch, path: file.path,
          "the offsets of '\(constants.weight)' of its graph have no place in the network, or are missing")
      }
      if let bias = parameters.bias, let constant = constants.bias {
        sources.append((bias, .constant(constant)))
      }
      return sources
    }
    let paths = [normalization.scale, normalization.shift, normalization.mean, normalization.variance]
    guard constants.normalization.isEmpty else {
      return sources + zip(paths, constants.normalization).map { ($0, .constant($1)) }
    }
    let channels = file.graph?.shape(of: constants.weight)?[0] ?? 0
    func repeated(_ value: Float) -> WeightsFile.GraphSource {
      .values(Tensor(repeating: value, shape: [channels]))
    }
    // (x - 0) / sqrt(1 + epsilon) times sqrt(1 + epsilon): x but for the last bit.
    sources.append((normalization.scale, repeated((1 + normalization.epsilon).squareRoot())))
    sources.append((normalization.shift, constants.bias.map { .constant($0) } ?? repeated(0)))
    sources.append((normalization.mean, repeated(0)))
    sources.append((normalization.variance, repeated(1)))
    return sources
  }

  private static func explanation(
    _ file: WeightsFile, _ count: Int, _ nearest: (count: Int, network: Architecture)?
  ) -> String {
    "\(file.notes.first ?? "an ONNX graph"): its exporter changed tensors and their names, and its \(count) convolutions and "
      + "linear maps are no network that terrane has"
      + (nearest.map { "; \($0.network.description) agrees with it up to number \($0.count)" } ?? "")
      + ": export it without constant folding (do_constant_folding=False, training=TrainingMode.PRESERVE), or save its state_dict"
  }
}
