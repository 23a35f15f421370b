import Checkpoints
import Layers
import Tensors

/// The features of a recipe as maps of an image, one value a pixel each.
///
/// Pixels that are not valid enter as 0 after normalisation, the mean of their band, and count as that in the
/// contexts of others.
struct PixelFeatureMaps {
  private let recipe: FeatureRecipe
  private let differences: NormalizedDifferences?
  /// The network whose encoder's maps are features; nil where none are.
  let network: (any Network)?
  private let places: [Int]
  /// The names of the features, in order.
  let names: [String]

  /// Prepares the features of a card's bands.
  ///
  /// - Parameter network: the network that layers are of.
  /// - Throws: ``CheckpointError`` (`card`) for bands or layers that there are not.
  init(_ recipe: FeatureRecipe, card: ModelCard, network: (any Network)?) throws(CheckpointError) {
    self.recipe = recipe
    self.network = network
    let channels = card.channels.map(\.name)
    var names = recipe.bands ? channels : []
    var pairs: [(NormalizedDifferences.Band, NormalizedDifferences.Band)] = []
    for pair in recipe.indices {
      let bands = pair.compactMap { name in channels.firstIndex(of: name) }
      guard pair.count == 2, bands.count == 2 else {
        throw CheckpointError(
          .card, path: "model card", "no normalised difference of \(pair): bands are \(channels)")
      }
      let own = bands.map { channel in
        NormalizedDifferences.Band(
          channel: channel, mean: Float(card.channels[channel].mean),
          deviation: Float(card.channels[channel].deviation))
      }
      pairs.append((own[0], own[1]))
      names.append("\(pair[0]) - \(pair[1])")
    }
    differences = pairs.isEmpty ? nil : NormalizedDifferences(pairs: pairs)
    for side in recipe.context {
      guard side > 1, side % 2 == 1 else {
        throw CheckpointError(
          .card, path: "model card", "a context of \(side) pixels: sides are odd, from 3 on")
      }
      names += channels.map { "\($0) mean \(side)" } + channels.map { "\($0) deviation \(side)" }
    }
    let maps = network?.description.maps ?? []
    var places: [Int] = []
    for layer in recipe.layers {
      guard let place = maps.firstIndex(where: { $0.name == layer }) else {
        throw CheckpointError(
          .card, path: "model card", "no map '\(layer)' of the encoder; there are \(maps.map(\.name))")
      }
      places.append(place)
      names += (0..<maps[place].channels).map { "\(layer).\($0)" }
    }
    guard !names.isEmpty else {
      throw CheckpointError(.card, path: "model card", "a classifier of no features")
    }
    (self.places, self.names) = (places, names)
  }

  /// Returns the maps of `[N, C, H, W]` joined, `[N, D, H, W]`.
  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    var maps = recipe.bands ? [input] : []
    if let differences { maps.append(tape.apply(differences, to: input)) }
    for side in recipe.context { maps.append(tape.apply(ContextStatistics(side: side), to: input)) }
    if let network, !places.isEmpty {
      let seen = network.encoderFeatures(of: input, in: pass)
      let (height, width) = (input.tensor.shape.height, input.tensor.shape.width)
      maps += places.map {
        seen[$0].tensor.shape.height == height && seen[$0].tensor.shape.width == width
          ? seen[$0]
          : tape.bilinearResampling(seen[$0], height: height, width: width, alignsCorners: false)
      }
    }
    return maps.count == 1 ? maps[0] : tape.concatenation(maps)
  }
}
