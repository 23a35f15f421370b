import Checkpoints
import Layers
import Tensors

/// A network together with the card that says how to feed it.
public final class SegmentationModel {
  /// What must be known to use the weights.
  public var card: ModelCard
  /// The network.
  public let network: any SegmentationNetwork

  /// Windows must be multiples of this, so that every downsampling halves evenly.
  public static let windowMultiple = 32

  /// A network of the card's kind with fresh weights drawn from `seed`, or with parameters that wait for their values without one.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for an architecture or encoder that does not exist.
  public init(card: ModelCard, seed: UInt64?) throws(CheckpointError) {
    self.card = card
    network = try Self.architecture(of: card)
      .network(bands: card.bands.count, classes: card.classes.count, seed: seed)
  }

  /// The published network that a card names.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for an architecture or encoder that does not exist.
  public static func architecture(of card: ModelCard) throws(CheckpointError) -> SegmentationArchitecture {
    guard let architecture = SegmentationArchitecture.named(card.architecture, encoder: card.encoder) else {
      throw CheckpointError(
        .card, path: "model card", "no architecture '\(card.architecture)' with encoder '\(card.encoder)'")
    }
    return architecture
  }

  /// The network and card of a weights file that ``write(to:)`` made.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the tensor.
  public convenience init(contentsOf path: String) throws(CheckpointError) {
    let file = try WeightsFile(contentsOf: path)
    guard let card = try ModelCard(in: file) else {
      throw CheckpointError(.card, path: path, "there is no model card in its metadata")
    }
    try self.init(card: card, seed: nil)
    try StrictLoading.load(file, into: network.parameters)
  }

  /// The network with its present weights, made ready for images of `height` x `width`.
  public func prepared(height: Int, width: Int, on kernels: any Kernels = KernelSet.standard)
    -> any PreparedInference
  {
    network.prepared(for: [1, card.bands.count, height, width], on: kernels)
  }

  /// Writes weights and card as safetensors; the same model gives the same bytes.
  public func write(to path: String) throws(CheckpointError) {
    try Safetensors(
      tensors: Dictionary(uniqueKeysWithValues: network.parameters.all.map { ($0.path, $0.tensor) }),
      metadata: [ModelCard.metadataKey: card.json]
    ).write(to: path)
  }
}
