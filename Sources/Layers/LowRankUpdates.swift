import Tensors

/// Low-rank updates of chosen weights of a network: the network learns in them, its own weights stay.
///
/// They work on weights, not between layers: in a ``Pass`` each chosen weight W is W + (alpha / r) B A, so
/// that no layer knows of them, and ``merge()`` leaves a network of the usual form whose results are the
/// same. B is 0 at first: nothing changes until something is learned.
///
/// - Source: Hu et al. 2021, arXiv:2106.09685 (LoRA); Rebuffi et al. 2018, arXiv:1803.10082 (parallel
///   adapters). Names, shapes and start of A (uniform within 1 / sqrt(fan-in)) as in peft's `LoraConfig`,
///   without dropout and bias.
public final class LowRankUpdates {
  /// The place of the update in a layer.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// The whole weight: a linear map's matrix, or a convolution beside one to r channels with the same
    /// kernel and one of 1 x 1 back.
    case lora
    /// A bottleneck adapter: beside a k x k convolution a 1 x 1 convolution to r channels and one back, on
    /// the same input with the same stride, added before the normalisation. It has no ReLU between the two,
    /// which is what lets it become part of the kernel's centre tap exactly. For a linear map, and a 1 x 1
    /// kernel, it is the same as ``lora``.
    case adapter
  }

  /// Kind and size.
  public struct Options: Hashable, Sendable {
    /// The place of the update in a layer.
    public var kind: Kind
    /// r: the channels between A and B, at least 1.
    public var rank: Int
    /// The product counts alpha / r times.
    public var alpha: Double

    /// Options of updates; alpha / r is 1 where alpha is left out.
    public init(kind: Kind = .lora, rank: Int, alpha: Double? = nil) {
      precondition(rank > 0, "a low-rank update has no rank \(rank)")
      (self.kind, self.rank, self.alpha) = (kind, rank, alpha ?? Double(rank))
    }
  }

  /// The options of the updates.
  public let options: Options
  /// A and B of every update, in the order of the weights: what an optimiser trains.
  public let parameters = ParameterList()
  /// The weights that are updated; none any more after ``merge()`` or ``detach()``.
  public private(set) var places: [(weight: Parameter, update: LowRankUpdate)] = []

  /// Attaches an update to each of a network's parameters that one ``fits(_:kind:)`` and that `isChosen`
  /// wants.
  ///
  /// Whether the weights themselves are trained is up to them: ``ParameterList/freeze(_:)``.
  ///
  /// - Parameter seed: A depends on it and on the weight's path only; without one A and B wait for their
  ///   values.
  public convenience init(
    _ options: Options, on network: ParameterList, seed: UInt64?, where isChosen: (Parameter) -> Bool
  ) {
    self.init(options, on: network, seed: seed, stacked: { isChosen($0) ? 1 : 0 })
  }

  /// Attaches updates as ``init(_:on:seed:where:)`` does, some of them several of the options' rank in one.
  ///
  /// - Parameter stacked: returns how many updates a weight gets in one, whose rank is so many times that of
  ///   the options; 0 for none.
  package init(
    _ options: Options, on network: ParameterList, seed: UInt64?, stacked: (Parameter) -> Int
  ) {
    self.options = options
    let root = ParameterScope(parameters, seed: seed)
    for weight in network.all where Self.fits(weight, kind: options.kind) {
      let count = stacked(weight)
      guard count > 0 else { continue }
      precondition(weight.update == nil, "\(weight.path) has an update already")
      let update = LowRankUpdate(of: weight, options, stacked: count, in: root)
      weight.update = update
      places.append((weight, update))
    }
  }

  /// Returns whether a parameter can have an update: it is the matrix of a linear map or the filters of a
  /// convolution of one group, for an adapter one whose centre tap sees the pixel that a 1 x 1 kernel would.
  ///
  /// Matrices that are not a module's `weight`, as torchvision's packed attention has them, are none.
  public static func fits(_ parameter: Parameter, kind: Kind) -> Bool {
    guard parameter.role == .weight, parameter.path.hasSuffix(".weight") else { return false }
    guard let convolution = parameter.convolution else { return parameter.tensor.shape.rank == 2 }
    return convolution.groups == 1 && (kind == .lora || convolution.kernel.isCentered)
  }

  /// Adds (alpha / r) B A to each weight, in its place, and lets go of the network, whose results stay the
  /// same.
  public func merge(on kernels: any ForwardKernels) {
    let pass = Pass(.inference, kernels: kernels)
    for (weight, _) in places { weight.set(pass.value(of: weight).tensor) }
    detach()
  }

  /// Lets go of the network: its weights are what they were before.
  public func detach() {
    for (weight, _) in places { weight.update = nil }
    places = []
  }
}

extension Parameter {
  /// The path of the module whose weight it is.
  public var modulePath: String { String(path.dropLast(".weight".count)) }
}

extension SlidingKernel {
  /// Whether the middle tap of the kernel is on the pixel that a 1 x 1 kernel with the same stride has at
  /// that position.
  fileprivate var isCentered: Bool {
    [rows, columns].allSatisfy { axis in
      axis.size % 2 == 1 && axis.before == axis.after && axis.before == axis.size / 2 * axis.dilation
    }
  }
}

/// A learned low-rank update of a weight W that itself stays: W + s B A takes its place.
public final class LowRankUpdate {
  /// A: `[r, C]`, of a convolution `[r, C, k, l]`, or `[r, C, 1, 1]` where it meets one tap of the kernel.
  public let reduction: Parameter
  /// B, 0 at first: `[K, r]`, of a convolution `[K, r, 1, 1]`.
  public let expansion: Parameter
  /// s = alpha / r.
  public let scale: Float
  /// The tap of the kernel, counted row by row, that A and B are added to; nil for all of it.
  public let tap: Int?

  /// Makes A and B at `<path of the weight's module>.lora_A.weight` and `.lora_B.weight` of `scope`, a root.
  /// They are `count` of the options' rank in one.
  init(
    of weight: Parameter, _ options: LowRankUpdates.Options, stacked count: Int, in scope: ParameterScope
  ) {
    let (shape, rank) = (weight.tensor.shape, count * options.rank)
    let place = scope.descendant(weight.modulePath)
    // Of a 1 x 1 kernel, or a linear map, the centre is all there is.
    let area = shape.count / (shape[0] * shape[1])
    tap = options.kind == .adapter && area > 1 ? area / 2 : nil
    let ones = Array(repeating: 1, count: shape.rank - 2)
    reduction = place.child("lora_A").parameter(
      "weight", .lowRank, shape: Shape([rank, shape[1]] + (tap == nil ? Array(shape.extents[2...]) : ones)),
      initializer: .uniformFanIn)
    expansion = place.child("lora_B").parameter(
      "weight", .lowRank, shape: Shape([shape[0], rank] + ones), initializer: .constant(0))
    scale = Float(options.alpha / Double(options.rank))
  }

  /// Returns A as filters of the whole kernel of a weight of `shape`: with zeros beside the ``tap``.
  public func wholeReduction(of shape: Shape) -> Tensor {
    guard let tap else { return reduction.tensor }
    let area = shape[2] * shape[3]
    let whole = Tensor(repeating: 0, shape: Shape([reduction.tensor.shape[0]] + shape.extents[1...]))
    reduction.tensor.withValues { values in
      whole.mutate { whole in for index in values.indices { whole[index * area + tap] = values[index] } }
    }
    return whole
  }
}
