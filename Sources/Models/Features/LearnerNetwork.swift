import Checkpoints
import Layers
import Learners
import Tensors

/// A classifier that was learned by itself on features of pixels, a forest or a linear map, as a network:
/// what computes the features, and a head that training leaves as it is.
public struct LearnerNetwork: Network {
  /// The parameters of the encoder, where its maps are features, and the tensors of the classifier below
  /// `learner`.
  public let parameters: ParameterList
  /// The network's description, which needs no parameters.
  public let description: NetworkDescription
  private let maps: PixelFeatureMaps
  private let form: ClassifierForm
  private let tensors: [Parameter]

  /// The names of the features that the classifier reads, in order.
  package var featureNames: [String] { maps.names }

  private static let place = "learner"

  /// Returns whether a parameter is a tensor of the classifier.
  static func isOfClassifier(_ path: String) -> Bool { path.hasPrefix(place + ".") }

  /// Makes the network of a card; its parameters wait for their values without a `seed`, those of the
  /// classifier always.
  ///
  /// - Parameter encoder: makes the network whose encoder's maps are features.
  init(
    _ learner: LearnerCard, card: ModelCard, seed: UInt64?,
    encoder: (ParameterScope) throws(CheckpointError) -> any Network
  ) throws(CheckpointError) {
    func refused(_ reason: String) -> CheckpointError {
      CheckpointError(.card, path: "model card", "\(learner.name): \(reason)")
    }
    let root = ParameterScope(ParameterList(), seed: seed)
    parameters = root.parameters
    let inner: (any Network)?
    if learner.features.layers.isEmpty {
      inner = nil
    } else {
      guard card.members ?? 1 == 1 else { throw refused("no features of an ensemble's encoders") }
      inner = try encoder(root)
    }
    maps = try PixelFeatureMaps(learner.features, card: card, network: inner)
    form = ClassifierForm(
      kind: learner.kind, features: maps.names.count, classes: card.classes.count, sizes: learner.sizes)
    var tensors: [Parameter] = []
    do throws(ClassifierFault) {
      for (name, shape) in try ClassifierCatalogue.kind(of: form).shapes(of: form) {
        tensors.append(
          root.child(Self.place).parameter(
            name, .fixed, shape: Shape(shape), initializer: .constant(0)))
      }
    } catch { throw refused(error.description) }
    self.tensors = tensors
    var input = inner?.description.input ?? InputContract(bands: card.bands.count, sideMultiple: 1)
    (input.bands, input.comparison) = (card.bands.count, card.comparison)
    description = NetworkDescription(
      parts: (inner?.description.parts.with(.encoder) ?? [])
        + [NetworkPart(.head, name: "head", prefixes: [Self.place + "."])],
      maps: inner?.description.maps ?? [],
      firstConvolution: inner?.description.firstConvolution ?? Self.place, imageConvolution: nil,
      featureChannels: maps.names.count, input: input)
  }

  /// Returns the classifier of the present tensors.
  ///
  /// - Throws: ``ClassifierFault`` where they are none.
  private func classifier() throws(ClassifierFault) -> any Classifier {
    var values: [String: [Float]] = [:]
    for tensor in tensors {
      values[String(tensor.path.dropFirst(Self.place.count + 1))] = tensor.tensor.values
    }
    return try ClassifierCatalogue.kind(of: form).init(form, values)
  }

  /// Sets the tensors of the classifier.
  func set(_ classifier: any Classifier) {
    precondition(classifier.form == form, "\(classifier.form) is not \(form)")
    let values = classifier.tensors
    for tensor in tensors {
      let name = String(tensor.path.dropFirst(Self.place.count + 1))
      tensor.set(Tensor(values[name]!, shape: tensor.tensor.shape))
    }
  }

  /// Refuses tensors of a file that are no classifier.
  func check(path: String) throws(CheckpointError) {
    do { _ = try classifier() } catch {
      throw CheckpointError(.mismatch, path: path, "its classifier is damaged: \(error)")
    }
  }

  /// Returns the maps of the encoder whose layers are features; the features themselves where none are.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] {
    maps.network?.encoderFeatures(of: input, in: pass) ?? [maps(input, in: pass)]
  }

  /// Returns the features of each pixel, `[N, D, H, W]`.
  public func encoded(_ input: Value, in pass: Pass) -> [Value] { [maps(input, in: pass)] }

  /// Scores whose softmax are the classifier's probabilities, and the features that it reads.
  public func callAsFunction(_ encoded: [Value], of input: Value, in pass: Pass) -> NetworkOutput {
    let head = LearnedHead(
      classifier: try? classifier(), features: form.features, classes: form.classes)
    return NetworkOutput(scores: pass.tape.apply(head, to: encoded[0]), features: encoded[0])
  }
}
