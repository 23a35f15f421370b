import Layers
import Tensors

/// The names and shapes of a network's tensors, without their values.
struct Blueprint {
  /// Numbers that no network has: where one stands in a shape, the bands or the classes are meant.
  static let probe = (bands: 1013, classes: 1009)

  private let parameters: ParameterList

  init(_ network: PublishedArchitecture, _ options: BackboneOptions) {
    parameters = network.network(options).parameters
  }

  /// Every tensor that the network needs, in the order of its layers.
  var tensors: [(path: String, shape: Shape)] { parameters.all.map { ($0.path, $0.tensor.shape) } }

  /// Whether a file may have a tensor of this name beside.
  func passesOver(_ name: String) -> Bool { parameters.passesOver(name) }

  /// The weight whose input channels are the bands, in a blueprint of ``probe``.
  var firstConvolution: String? {
    tensors.first { $0.shape.rank == 4 && $0.shape[1] == Self.probe.bands }?.path
  }

  /// The tensors with an entry for each class, in a blueprint of ``probe``.
  var head: [String] {
    tensors.filter { $0.shape.rank > 0 && $0.shape[0] == Self.probe.classes }.map(\.path)
  }
}
