import Layers
import Tensors

/// The names and shapes of a network's tensors, without their values.
struct Blueprint {
  /// Numbers that no network has: where one stands in a shape, the bands or the classes are meant.
  static let probe = (bands: 1013, classes: 1009)

  private let parameters: ParameterList
  /// The prefix of the encoder's paths in a network of pixels; empty of an encoder by itself.
  private let container: String
  /// The paths of modules on the way from the input to the result.
  private let modules: Set<String>
  /// Whether it attends to patches, or has a table of their positions.
  private let hasTokens: Bool

  init(_ architecture: Architecture, _ options: NetworkOptions) {
    let network = architecture.network(options)
    parameters = network.parameters
    let isOfImages = architecture.encoder == nil
    container =
      isOfImages
      ? "" : network.description.firstConvolution.prefix { $0 != "." } + "."
    let root = String(container.dropLast())
    // A head of images of any form lies beside the network.
    let beside = isOfImages ? network.description.parts.with(.head) : []
    modules = Set(
      network.parameters.all.map(\.path).filter { !beside.contain($0) }.flatMap(Self.modules)
    ).subtracting([root])
    hasTokens = network.parameters.all.contains { parameter in
      parameter.path.split(separator: ".").contains("attn") || parameter.path.contains("pos_embed")
    }
  }

  /// The tensors that the network needs, in the order of its layers.
  var tensors: [(path: String, shape: Shape)] { parameters.all.map { ($0.path, $0.tensor.shape) } }

  /// The tables that follow from the network.
  var constants: [ParameterList.Constant] { parameters.constants }

  /// The forms in which files may keep some tensors, by path.
  var storedForms: [String: StoredForm] { parameters.storedForms }

  /// The tensors that files may keep in several.
  var assemblies: [Assembly] { parameters.assemblies }

  /// The generators that files may have in the place of filters.
  var generators: [KernelGenerator] { parameters.generators }

  /// Returns whether a file may have a tensor of this name beside.
  func passesOver(_ name: String) -> Bool { parameters.passesOver(name) }

  /// Returns whether a file may lack a tensor of this name.
  func isUnused(_ name: String) -> Bool { parameters.isUnused(name) }

  /// The weight whose input channels are the bands, in a blueprint of ``probe``.
  var firstConvolution: String? {
    tensors.first { $0.shape.rank == 4 && $0.shape[1] == Self.probe.bands }?.path
  }

  /// The tensors with an entry for each class, in a blueprint of ``probe``.
  var head: [String] {
    tensors.filter { $0.shape.rank > 0 && $0.shape[0] == Self.probe.classes }.map(\.path)
  }

  /// Some paths from all over the network, by which files are searched for it.
  var anchors: [String] {
    let paths = parameters.all.map(\.path)
    return (0..<7).map { paths[$0 * (paths.count - 1) / 6] }
  }

  /// Returns whether a tensor that the network does not know would change its results: one inside a module
  /// that is on the way, or at its top level by the name of a stem or an adapter; of a network of tokens also
  /// by that of a normalisation, of positions or of further tokens. A head, a loss or a counter is none.
  func isInside(_ name: String) -> Bool {
    if Self.modules(of: name).contains(where: modules.contains) { return true }
    let own = name.hasPrefix(container) ? name.dropFirst(container.count) : name[...]
    // The module at the top level; the tensor's own name only where it lies in none.
    let words = Set(own.prefix { $0 != "." }.lowercased().split(separator: "_").map(String.init))
    guard words.isDisjoint(with: Self.besideWords) else { return false }
    if hasTokens { return !words.isDisjoint(with: Self.insideWords.union(Self.tokenWords)) }
    return words.isDisjoint(with: Self.besideConvolutions) && !words.isDisjoint(with: Self.insideWords)
  }

  private static let insideWords: Set<String> = ["pre", "stem", "adapter", "adapters", "prompt", "prompts"]
  /// Words of paths that, beside convolutions, belong to a head or to training without labels.
  private static let tokenWords: Set<String> = [
    "token", "tokens", "embed", "embeds", "embedding", "embeddings", "pos", "position", "positions", "ape",
    "norm", "ln", "bn", "gn", "rope", "rel",
  ]
  /// Words of paths that masked autoencoders have beside their encoder, and that those who train put there.
  private static let besideWords: Set<String> = [
    "mask", "masked", "decoder", "head", "loss", "criterion", "aux", "weight", "weights", "neck", "projector",
    "predictor", "classifier", "mean", "std",
  ]
  /// Words of paths that are beside a network of convolutions only: in a network of tokens `fc_norm` and
  /// `pre_logits` are on the way to the classes.
  private static let besideConvolutions: Set<String> = ["fc", "proj", "projection", "logits"]

  /// `a` and `a.b` of `a.b.weight`.
  private static func modules(of path: String) -> [String] {
    let parts = path.split(separator: ".")
    return parts.indices.dropFirst().map { parts[..<$0].joined(separator: ".") }
  }
}
