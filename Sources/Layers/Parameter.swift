import Numerics
import Tensors

/// A tensor of a network that is learned or, for running statistics, collected.
public final class Parameter {
  /// The role of a parameter, which decides about weight decay and training.
  public enum Role: Sendable {
    /// Filters of a convolution, `[K, C / g, k, l]`, or a linear map's matrix, `[K, C]`.
    case weight
    /// An offset a filter, `[K]`.
    case bias
    /// Scale and shift of a normalisation, `[C]`.
    case normScale, normShift
    /// Vectors that are added to or joined with tokens: positions, class tokens.
    case embedding
    /// Factors of a layer's result or of attention.
    case gain
    /// A or B of a ``LowRankUpdate``.
    case lowRank
    /// Running mean and variance of a normalisation, `[C]`; never trained.
    case runningMean, runningVariance
    /// Numbers of a published network that training leaves as they are.
    case fixed

    /// Whether gradients change it.
    public var isLearned: Bool { ![.runningMean, .runningVariance, .fixed].contains(self) }
    /// Whether it is scale or shift of a normalisation.
    public var isOfNormalization: Bool { self == .normScale || self == .normShift }
    /// Whether weight decay applies: not to norms, biases, embeddings, gains and low-rank updates.
    public var decays: Bool { self == .weight }
  }

  /// The parameter's path in the network, as published weights name it: `encoder.layer1.0.conv1.weight`.
  public let path: String
  /// The parameter's role.
  public let role: Role
  /// The convolution whose filters it is; nil for everything else.
  public let convolution: Convolution.Options?
  /// The present value, plain; replaced by ``set(_:)`` or changed in place by an optimiser.
  public private(set) var tensor: Tensor
  /// Whether training changes it; a frozen normalisation uses its running statistics.
  public var isTrainable: Bool
  /// The update that is added to the parameter wherever the network uses it (``LowRankUpdates``).
  public internal(set) var update: LowRankUpdate?

  init(path: String, role: Role, tensor: Tensor, convolution: Convolution.Options? = nil) {
    (self.path, self.role, self.tensor, self.convolution) = (path, role, tensor, convolution)
    isTrainable = role.isLearned
  }

  /// Replaces the value by another of the same shape.
  public func set(_ tensor: Tensor) {
    precondition(
      tensor.shape == self.tensor.shape,
      "\(path) has shape \(self.tensor.shape), it cannot become \(tensor.shape)")
    self.tensor = tensor
  }
}

/// The parameters of a network in the order in which its layers made them.
public final class ParameterList {
  /// All parameters, running statistics included.
  public private(set) var all: [Parameter] = []
  /// Paths that published files have and no layer here needs: counters, tables that follow from shapes. They
  /// may be missing.
  public private(set) var passedOver: [String] = []
  /// Prefixes of such paths, where a whole part of a published network is left out.
  public private(set) var passedOverPrefixes: [String] = []
  /// Tables that published files may have beside the parameters although they follow from the network: with
  /// other values the file is of another network.
  public private(set) var constants: [Constant] = []
  /// Prefixes of the paths of parameters on which no result of this network depends: files may lack them.
  public private(set) var unusedPrefixes: [String] = []
  private var places: [String: Int] = [:]

  /// The forms in which publishers keep some parameters, by path.
  public private(set) var storedForms: [String: StoredForm] = [:]

  /// The parameters that publishers keep in several tensors.
  public private(set) var assemblies: [Assembly] = []

  /// The generators that publishers keep in the place of filters.
  public private(set) var generators: [KernelGenerator] = []

  /// A table that follows from a network's architecture.
  public struct Constant: Sendable {
    /// The path of the table in files.
    public let path: String
    /// The shape of the table that the network uses.
    public let shape: Shape
    /// Whether files may have the table for other images, whose shape this is.
    public let fits: @Sendable (Shape) -> Bool
    /// The values of a table of a shape that ``fits``, row by row.
    public let values: @Sendable (Shape) -> [Float]
  }

  /// Creates an empty list; layers add to it through a ``ParameterScope``.
  public init() {}

  /// The parameter at a path, if there is one.
  public subscript(path: String) -> Parameter? { places[path].map { all[$0] } }

  /// Returns whether a file may have a tensor at `path` that no layer here needs.
  public func passesOver(_ path: String) -> Bool {
    passedOver.contains(path) || passedOverPrefixes.contains { path.hasPrefix($0) }
  }

  /// Returns whether no result depends on the parameter at `path`.
  public func isUnused(_ path: String) -> Bool { unusedPrefixes.contains { path.hasPrefix($0) } }

  /// The number of learned values.
  public var learnedCount: Int { all.filter(\.role.isLearned).reduce(0) { $0 + $1.tensor.shape.count } }

  /// Gives 0 to every parameter that waits for its value.
  public func fillWithZeros() {
    for parameter in all where parameter.tensor.layout == .valueless {
      parameter.set(Tensor(repeating: 0, shape: parameter.tensor.shape))
    }
  }

  /// Returns a copy of every value, by path.
  public func snapshot() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: all.map { ($0.path, Tensor($0.tensor.values, shape: $0.tensor.shape)) })
  }

  /// Puts back what ``snapshot()`` gave.
  public func restore(_ snapshot: [String: Tensor]) {
    for parameter in all {
      guard let tensor = snapshot[parameter.path] else {
        preconditionFailure("no value of \(parameter.path)")
      }
      parameter.set(Tensor(tensor.values, shape: tensor.shape))
    }
  }

  /// Freezes the parameters whose path starts with one of `prefixes`, trains the others.
  public func freeze(_ prefixes: [String]) {
    for parameter in all {
      parameter.isTrainable = parameter.role.isLearned && !prefixes.contains { parameter.path.hasPrefix($0) }
    }
  }

  fileprivate func passOver(_ path: String) { passedOver.append(path) }
  fileprivate func passOver(below prefix: String) { passedOverPrefixes.append(prefix) }

  fileprivate func add(_ constant: Constant) { constants.append(constant) }
  fileprivate func mayStore(_ path: String, as form: StoredForm) { storedForms[path] = form }
  fileprivate func add(_ assembly: Assembly) { assemblies.append(assembly) }
  fileprivate func add(_ generator: KernelGenerator) { generators.append(generator) }
  fileprivate func leaveUnused(below prefix: String) { unusedPrefixes.append(prefix) }

  fileprivate func add(_ parameter: Parameter) {
    precondition(places[parameter.path] == nil, "two parameters at \(parameter.path)")
    places[parameter.path] = all.count
    all.append(parameter)
  }
}

/// A place in the tree of paths, at which a layer makes its parameters.
public struct ParameterScope {
  /// The list to which the scope adds its parameters.
  public let parameters: ParameterList
  private let prefix: String
  private let seed: UInt64?
  /// A child that is this place itself.
  private var elided: String?

  /// Creates the root scope; initial values depend on `seed` and each parameter's own path only. Without one
  /// parameters have shapes but no values, for a network whose weights are about to be loaded.
  public init(_ list: ParameterList, seed: UInt64?) {
    (parameters, self.seed) = (list, seed)
    prefix = ""
  }

  private init(_ parent: ParameterScope, _ name: String) {
    (parameters, seed) = (parent.parameters, parent.seed)
    prefix = parent.prefix + name + "."
  }

  /// Returns the place called `name` below this one.
  public func child(_ name: String) -> ParameterScope {
    var here = self
    here.elided = nil
    return name == elided ? here : ParameterScope(self, name)
  }

  /// Returns this scope for a network whose part `name` is left out of the paths of published files.
  public func eliding(_ name: String?) -> ParameterScope {
    var scope = self
    scope.elided = name
    return scope
  }

  /// Returns the place at `path`, names between dots, below this one.
  public func descendant(_ path: String) -> ParameterScope {
    path.split(separator: ".").reduce(self) { $0.child(String($1)) }
  }

  /// Says that files have a tensor `name` here that is not needed.
  public func passOver(_ name: String) { parameters.passOver(prefix + name) }

  /// Says that nothing is needed of what files have below `name` here.
  public func passOver(below name: String) { parameters.passOver(below: prefix + name + ".") }

  /// Says that files may have a tensor `name` here, whose values follow from the network.
  public func passOver(_ name: String, shape: Shape, values: @escaping @Sendable () -> [Float]) {
    passOver(name, shape: shape, fits: { $0 == shape }, values: { _ in values() })
  }

  /// Says that files may have a tensor `name` here whose values follow from the network, and from the images
  /// that the publisher's was made for: of any shape that `fits`.
  public func passOver(
    _ name: String, shape: Shape, fits: @escaping @Sendable (Shape) -> Bool,
    values: @escaping @Sendable (Shape) -> [Float]
  ) {
    passOver(name)
    parameters.add(ParameterList.Constant(path: prefix + name, shape: shape, fits: fits, values: values))
  }

  /// Says that files may have the parameter `name` here in another form.
  public func mayStore(_ name: String, as form: StoredForm) {
    parameters.mayStore(prefix + name, as: form)
  }

  /// Says that files may have the parameter at `path` here in tensors at other paths here.
  public func mayAssemble(_ path: String, from sources: [String], as form: Assembly.Form) {
    parameters.add(Assembly(path: prefix + path, sources: sources.map { prefix + $0 }, form: form))
  }

  /// Says that files may have a generator here in the place of a convolution's filters and bias.
  public func mayGenerate(by generator: KernelGenerator) {
    for part in generator.parts { passOver(below: part) }
    parameters.add(generator.below(prefix))
  }

  /// Says that no result of this network depends on the parameters below `name` here, so that files may lack
  /// them.
  public func leaveUnused(below name: String) { parameters.leaveUnused(below: prefix + name + ".") }

  /// Makes a parameter here; of a convolution's filters it says whose they are.
  public func parameter(
    _ name: String, _ role: Parameter.Role, shape: Shape, initializer: Initializer,
    of convolution: Convolution.Options? = nil
  ) -> Parameter {
    let path = prefix + name
    let tensor: Tensor
    if let seed {
      var random = RandomSource(seed: seed, stream: path)
      tensor = initializer.tensor(shape: shape, random: &random)
    } else {
      tensor = Tensor(valueless: shape)
    }
    let parameter = Parameter(path: path, role: role, tensor: tensor, convolution: convolution)
    parameters.add(parameter)
    return parameter
  }
}
