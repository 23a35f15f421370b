/// Forward kernels that compute nothing and write down what they are asked for.
///
/// A network that runs once on them, on an input of the right shape without values, leaves its
/// ``InferenceGraph``: the layers stay the only place that knows the network.
public final class GraphRecorder: ForwardKernels {
  private var graph = InferenceGraph()
  private var places: [ObjectIdentifier: Int] = [:]
  /// Keeps results alive, so that no two have one identity.
  private var results: [Tensor] = []

  /// The input to run the network on.
  public let input: Tensor

  /// Creates a recorder for images of `shape` `[1, C, H, W]`.
  public init(inputShape shape: Shape) {
    precondition(shape.rank == 4 && shape.batch == 1, "a recording is of one image, not of \(shape)")
    input = Tensor(valueless: shape)
    places[ObjectIdentifier(input)] = 0
    graph.nodes = [.init(operation: .input, shape: shape)]
  }

  /// Returns the operations that were recorded on the way to `output`.
  public func graph(to output: Tensor) -> InferenceGraph {
    var graph = graph
    graph.output = place(of: output)
    return graph
  }

  /// The host: weights and constants of a graph lie in its memory.
  public var device: Device { .host }

  /// Returns the tensor itself: what is recorded has no order in memory.
  public func plain(_ input: Tensor) -> Tensor { input }

  private func place(of tensor: Tensor) -> Int {
    guard let place = places[ObjectIdentifier(tensor)] else {
      preconditionFailure("a tensor \(tensor.shape) was not made by this recorder")
    }
    return place
  }

  private func add(_ operation: InferenceGraph.Operation, _ shape: Shape) -> Tensor {
    let result = Tensor(valueless: shape)
    places[ObjectIdentifier(result)] = graph.nodes.count
    results.append(result)
    graph.nodes.append(.init(operation: operation, shape: shape))
    return result
  }
}

extension GraphRecorder {
  /// Records a convolution with a copy of its weight and bias.
  public func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    let convolution = JoinedConvolution(
      // A copy: the network may go on learning.
      parts: [
        .init(
          source: place(of: input), isUpsampled: false, weight: Tensor(weight.values, shape: weight.shape))
      ], kernel: kernel, groups: input.shape.channels / weight.shape[1],
      bias: bias?.values ?? Array(repeating: 0, count: weight.shape[0]))
    return add(.convolution(convolution), kernel.shape(over: input.shape, channels: weight.shape[0]))
  }

  /// Records the affine map of each channel that a normalisation by given statistics is.
  public func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor {
    let (mean, shift) = (mean.values, shift.values)
    let factors = zip(scale.values, variance.values).map { $0 / ($1 + epsilon).squareRoot() }
    let affine = ChannelAffine(
      factors: factors, offsets: factors.indices.map { shift[$0] - factors[$0] * mean[$0] })
    return add(.affine(place(of: input), affine, relu: relu), input.shape)
  }

  /// Records a pooling by maxima.
  public func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    let shape = kernel.shape(over: input.shape, channels: input.shape.channels)
    return add(.maxPooling(place(of: input), kernel), shape)
  }

  /// Records a resampling by nearest neighbours.
  public func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
    add(.nearestResampling(place(of: input)), [1, input.shape.channels, height, width])
  }

  /// Records a pooling by means.
  public func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    let shape = kernel.shape(over: input.shape, channels: input.shape.channels)
    return add(.averagePooling(place(of: input), kernel), shape)
  }

  /// Records the means of channels.
  public func channelMeans(_ input: Tensor) -> Tensor {
    add(.channelMeans(place(of: input)), [1, input.shape.channels, 1, 1])
  }

  /// Records a product of channels and their factors, both results of earlier operations.
  public func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    add(.channelProduct(place(of: input), factors: place(of: factors)), input.shape)
  }

  /// Records a function of each number.
  public func activation(_ input: Tensor, _ function: Activation) -> Tensor {
    add(.activation(place(of: input), function), input.shape)
  }

  /// Records an operation on plain tensors; inputs that were not recorded are parameters, and constant.
  public func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let operands = inputs.map { input -> InferenceGraph.Operand in
      if let place = places[ObjectIdentifier(input)] { return .node(place) }
      return .constant(Tensor(input.values, shape: input.shape))
    }
    if operands.allSatisfy(\.isConstant) {
      // What depends on parameters alone is computed once.
      let value = operation.resultOnHost(inputs)
      results.append(value)
      return value
    }
    return add(.plain(operation, operands), operation.shape(of: inputs.map(\.shape)))
  }

  /// Records a join along the channels.
  public func concatenation(_ inputs: [Tensor]) -> Tensor {
    let channels = inputs.reduce(0) { $0 + $1.shape.channels }
    return add(
      .concatenation(inputs.map(place)), [1, channels, inputs[0].shape.height, inputs[0].shape.width])
  }

  /// Records a sum.
  public func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    add(.sum(place(of: left), place(of: right), relu: false), left.shape)
  }

  /// Records a sum with the ReLU after it.
  public func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    add(.sum(place(of: left), place(of: right), relu: true), left.shape)
  }
}
