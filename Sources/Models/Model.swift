import Checkpoints
import Layers
import Tensors

/// A network together with the card that says how to feed it.
public final class Model {
  /// The card, which says what must be known to use the weights.
  public var card: ModelCard
  /// The network.
  public let network: any Network

  /// Creates a network of the card's kind, or an ``Ensemble`` of its ``ModelCard/members``, with fresh
  /// weights drawn from `seed`, or with parameters that wait for their values without one.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for an architecture or encoder that does not exist, a classifier
  ///   of features that cannot be, or a number of members that cannot be.
  public init(card: ModelCard, seed: UInt64?) throws(CheckpointError) {
    self.card = card
    if let learner = card.learner {
      network = try LearnerNetwork(learner, card: card, seed: seed) { root throws(CheckpointError) in
        let architecture = try Self.architecture(of: card)
        return architecture.network(Self.options(of: card, architecture), in: root)
      }
      return
    }
    let architecture = try Self.architecture(of: card)
    let options = Self.options(of: card, architecture)
    let members = card.members ?? 1
    try Ensemble.check(members: members)
    network =
      members == 1
      ? architecture.network(options, seed: seed)
      : Ensemble(members: members, seed: seed) { architecture.network(options, in: $0) }
  }

  private static func options(of card: ModelCard, _ architecture: Architecture) -> NetworkOptions {
    NetworkOptions(
      bands: card.bands.count, comparing: card.comparison, classes: card.classes.count,
      scheme: architecture.schemes[0])
  }

  /// Joins copies of models of one kind into one, whose probabilities are the mean of theirs; those of an
  /// ensemble count each. Of one model alone it is a copy. The card is the first one's, with the number of
  /// members.
  ///
  /// - Throws: ``CheckpointError`` (`card`) where cards differ in network, sensor, bands or classes, or the
  ///   members are too many.
  public convenience init(ensembleOf models: [Model]) throws(CheckpointError) {
    precondition(!models.isEmpty, "an ensemble of nothing")
    if let learner = models.lazy.compactMap(\.card.learner).first {
      throw CheckpointError(.card, path: "model card", "a \(learner.name) joins no ensemble")
    }
    var card = models[0].card
    for other in models.map(\.card) where other.kind != card.kind {
      throw CheckpointError(
        .card, path: "model card",
        "\(other.architecture) with \(other.encoder) cannot join \(card.architecture) with \(card.encoder): an ensemble is "
          + "of one architecture on the same sensor, bands and classes")
    }
    let count = models.reduce(0) { $0 + ($1.card.members ?? 1) }
    card.members = count == 1 ? nil : count
    card.hasTrainedHead = models.allSatisfy(\.card.hasTrainedHead)
    try self.init(card: card, seed: nil)
    var index = 0
    for model in models {
      let members = model.card.members ?? 1
      for member in 0..<members {
        let (from, to) = (
          Ensemble.place(of: member, among: members), Ensemble.place(of: index, among: count)
        )
        for parameter in model.network.parameters.all where parameter.path.hasPrefix(from) {
          network.parameters[to + parameter.path.dropFirst(from.count)]!
            .set(Tensor(parameter.tensor.values, shape: parameter.tensor.shape))
        }
        index += 1
      }
    }
  }

  /// Returns another model with the same card and weights.
  public func copy() -> Model {
    // The card names a network that there is: this one.
    let copy = try! Model(card: card, seed: nil)
    copy.network.parameters.restore(network.parameters.snapshot())
    return copy
  }

  /// Returns the published network that a card names.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for an architecture or encoder that does not exist, or for a
  ///   classifier that is to compare two dates.
  public static func architecture(of card: ModelCard) throws(CheckpointError) -> Architecture {
    guard let architecture = Architecture.named(card.architecture, encoder: card.encoder) else {
      throw CheckpointError(
        .card, path: "model card", "no architecture '\(card.architecture)' with encoder '\(card.encoder)'")
    }
    guard card.comparison == nil || architecture.encoder != nil else {
      throw CheckpointError(.card, path: "model card", "a classifier of whole images compares no two dates")
    }
    return architecture
  }

  /// Creates the network and card of a weights file that ``write(to:)`` made.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the tensor.
  public convenience init(contentsOf path: String) throws(CheckpointError) {
    let file = try WeightsFile(contentsOf: path)
    guard let card = try ModelCard(in: file) else {
      throw CheckpointError(.card, path: path, "there is no model card in its metadata")
    }
    try self.init(card: card, seed: nil)
    try StrictLoading.load(file, into: network.parameters)
    if let network = network as? LearnerNetwork { try network.check(path: path) }
  }

  /// Returns the network with its present weights, made ready for images of `height` x `width`.
  public func prepared(height: Int, width: Int, on kernels: any Kernels)
    -> any PreparedInference
  {
    network.prepared(for: [1, card.channels.count, height, width], on: kernels)
  }

  /// Writes weights and card as safetensors; the same model gives the same bytes.
  public func write(to path: String) throws(CheckpointError) {
    try Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: network.parameters.all.map { ($0.path, $0.tensor) }),
      metadata: [ModelCard.metadataKey: card.json]
    ).write(to: path)
  }
}

extension ModelCard {
  /// The properties in which models of one ensemble agree.
  fileprivate var kind: [AnyHashable] { [task, architecture, encoder, sensor, bands, classes, comparison] }
}
