import Checkpoints
import Layers
import Learners
import Tensors

extension Model {
  /// Puts a classifier of features in the place of a network's head.
  ///
  /// - Parameters:
  ///   - classifier: what reads the features.
  ///   - name: the name of its learner.
  ///   - recipe: the features that it reads.
  ///   - base: the model whose bands, classes and, where layers are features, encoder these are.
  /// - Throws: ``CheckpointError`` (`card`) for features that the model cannot give.
  package convenience init(
    _ classifier: any Classifier, named name: String, reading recipe: FeatureRecipe, over base: Model
  ) throws(CheckpointError) {
    try self.init(classifier, named: name, reading: recipe, card: base.card)
    // A classifier that the base has already is left behind.
    for parameter in base.network.parameters.all where !LearnerNetwork.isOfClassifier(parameter.path) {
      network.parameters[parameter.path]?.set(
        Tensor(parameter.tensor.values, shape: parameter.tensor.shape))
    }
    guard let network = network as? LearnerNetwork else { preconditionFailure("no network of a classifier") }
    network.set(classifier)
  }

  /// Makes such a model whose encoder, where it has one, waits for its weights.
  private convenience init(
    _ classifier: any Classifier, named name: String, reading recipe: FeatureRecipe, card: ModelCard
  ) throws(CheckpointError) {
    var card = card
    card.learner = LearnerCard(
      name: name, kind: classifier.form.kind, sizes: classifier.form.sizes, features: recipe)
    (card.hasTrainedHead, card.trainedWith) = (true, nil)
    try self.init(card: card, seed: nil)
  }

  /// Makes a model of features of bands alone whose classifier finds all classes equally likely, for a chain
  /// that begins without a network.
  ///
  /// - Parameter card: bands and classes; its architecture is ``architectureWithoutNetwork``.
  package convenience init(bandsOf card: ModelCard, named name: String, reading recipe: FeatureRecipe)
    throws(CheckpointError)
  {
    var card = card
    card.learner = LearnerCard(name: name, kind: LinearClassifier.kind, sizes: [:], features: recipe)
    try self.init(card: card, seed: nil)
    network.parameters.fillWithZeros()
  }

  /// The names in the card of a model that has no network.
  package static let architectureWithoutNetwork = (architecture: "features", encoder: "none")
}

/// What computes the features of a recipe by a model's bands and encoder.
package struct FeatureComputation {
  private let maps: PixelFeatureMaps

  /// The names of the features, in order.
  package var names: [String] { maps.names }

  /// Prepares the features that a recipe asks a model for; a classifier that it has already does not count.
  ///
  /// - Throws: ``CheckpointError`` (`card`) for features that the model cannot give.
  package init(_ recipe: FeatureRecipe, of model: Model) throws(CheckpointError) {
    maps = try PixelFeatureMaps(
      recipe, card: model.card, network: recipe.layers.isEmpty ? nil : model.network)
  }

  /// Returns the features `[N, D, H, W]`, plain, of normalised images `[N, C, H, W]`.
  package func callAsFunction(_ images: Tensor, kernels: any Kernels) -> Tensor {
    kernels.plain(maps(Value(images), in: Pass(.inference, kernels: kernels)).tensor).onHost
  }
}
