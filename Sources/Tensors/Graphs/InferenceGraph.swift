/// The operations of a network on one image, in an order in which they can run.
///
/// ``GraphRecorder`` writes it down from the layers themselves, ``fused()`` simplifies it, a kernel set
/// prepares it.
public struct InferenceGraph {
  /// One operation and the shape of its result.
  package struct Node {
    package var operation: Operation
    package var shape: Shape

    package init(operation: Operation, shape: Shape) {
      (self.operation, self.shape) = (operation, shape)
    }
  }

  /// An operation on the results of earlier nodes, which it names by their places in the list.
  package enum Operation {
    case input
    case convolution(JoinedConvolution)
    case linearMap(JoinedLinearMap)
    /// y = factor x + offset of each channel.
    case affine(Int, ChannelAffine, relu: Bool)
    case activation(Int, Activation)
    case maxPooling(Int, SlidingKernel)
    case averagePooling(Int, SlidingKernel)
    case channelMeans(Int)
    case channelProduct(Int, factors: Int)
    case nearestResampling(Int)
    /// An operation on row-major tensors.
    case plain(any PlainOperation, [Operand])
    case concatenation([Int])
    case sum(Int, Int, relu: Bool)

    /// The nodes it reads.
    package var sources: [Int] {
      switch self {
      case .input: []
      case .convolution(let convolution):
        convolution.parts.map(\.source) + (convolution.addend.map { [$0] } ?? [])
      case .linearMap(let map): [map.source] + (map.addend.map { [$0] } ?? [])
      case .affine(let source, _, _), .activation(let source, _), .maxPooling(let source, _),
        .averagePooling(let source, _), .channelMeans(let source), .nearestResampling(let source):
        [source]
      case .channelProduct(let source, let factors): [source, factors]
      case .plain(_, let operands): operands.compactMap(\.node)
      case .concatenation(let sources): sources
      case .sum(let left, let right, _): [left, right]
      }
    }

    /// The same operation on nodes that moved.
    package func renumbered(_ place: (Int) -> Int) -> Operation {
      switch self {
      case .input: return .input
      case .convolution(var convolution):
        for index in convolution.parts.indices {
          convolution.parts[index].source = place(convolution.parts[index].source)
        }
        convolution.addend = convolution.addend.map(place)
        return .convolution(convolution)
      case .linearMap(var map):
        map.source = place(map.source)
        map.addend = map.addend.map(place)
        return .linearMap(map)
      case .affine(let source, let affine, let relu): return .affine(place(source), affine, relu: relu)
      case .activation(let source, let function): return .activation(place(source), function)
      case .maxPooling(let source, let kernel): return .maxPooling(place(source), kernel)
      case .averagePooling(let source, let kernel): return .averagePooling(place(source), kernel)
      case .channelMeans(let source): return .channelMeans(place(source))
      case .channelProduct(let source, let factors):
        return .channelProduct(place(source), factors: place(factors))
      case .plain(let operation, let operands):
        return .plain(
          operation,
          operands.map { operand in
            if case .node(let node) = operand { .node(place(node)) } else { operand }
          })
      case .nearestResampling(let source): return .nearestResampling(place(source))
      case .concatenation(let sources): return .concatenation(sources.map(place))
      case .sum(let left, let right, let relu): return .sum(place(left), place(right), relu: relu)
      }
    }
  }

  /// An input of an operation on row-major tensors.
  package enum Operand {
    case node(Int)
    case constant(Tensor)

    package var node: Int? { if case .node(let node) = self { node } else { nil } }
    var isConstant: Bool { node == nil }
  }

  package var nodes: [Node] = []
  /// The node whose result the network gives.
  package var output = 0

  package init(nodes: [Node] = [], output: Int = 0) {
    (self.nodes, self.output) = (nodes, output)
  }

  /// The shape of what goes in, `[1, C, H, W]`.
  public var inputShape: Shape { nodes[0].shape }
  /// The shape of what comes out, `[1, K, H, W]`.
  public var outputShape: Shape { nodes[output].shape }
}

/// y = factor x + offset, one pair a channel: what a batch normalisation with given statistics is.
package struct ChannelAffine {
  package var factors: [Float]
  package var offsets: [Float]
}

/// A convolution over the concatenation of its parts, with all that can be done before its result is stored.
///
/// activation(sum over parts of weight * source + bias + addend); a convolution over joined channels is the
/// sum of one over each, so that nothing is copied to join them.
package struct JoinedConvolution {
  /// Some of the input channels.
  package struct Part {
    package var source: Int
    /// Whether the source is to be read at twice its size, each pixel as 2 x 2.
    package var isUpsampled: Bool
    /// `[K, C of this part, k, k]`, plain.
    package var weight: Tensor

    package init(source: Int, isUpsampled: Bool, weight: Tensor) {
      (self.source, self.isUpsampled, self.weight) = (source, isUpsampled, weight)
    }
  }

  package var parts: [Part]
  package let kernel: SlidingKernel
  /// Groups of channels that have filters of their own; more than one for a convolution of one part only.
  package let groups: Int
  /// One a filter.
  package var bias: [Float]
  /// A node whose result is added, of the shape of this one's.
  package var addend: Int?
  /// The activation of each sum; nil for none.
  package var activation: Activation?

  /// Whether every filter sees all channels.
  package var isDense: Bool { groups == 1 }
  /// Whether each channel has one filter of its own.
  package var isDepthwise: Bool { parts[0].weight.shape[1] == 1 && groups == parts[0].weight.shape[0] }

  /// Returns the filters of all parts times a factor each, and the bias that an affine map after the
  /// convolution makes.
  package func followed(by affine: ChannelAffine) -> JoinedConvolution {
    var result = self
    for index in parts.indices {
      result.parts[index].weight = parts[index].weight.scaled(filters: affine.factors)
    }
    result.bias = bias.indices.map { affine.factors[$0] * bias[$0] + affine.offsets[$0] }
    return result
  }
}

extension Tensor {
  /// Each filter of a plain weight times a factor of its own.
  fileprivate func scaled(filters factors: [Float]) -> Tensor {
    let perFilter = shape.count / shape[0]
    return Tensor(shape: shape) { result in
      withValues { weight in
        for index in weight.indices { result[index] = weight[index] * factors[index / perFilter] }
      }
    }
  }

  /// Returns the channels `range` of each filter of a plain weight.
  package func channels(_ range: Range<Int>) -> Tensor {
    let area = shape[2] * shape[3]
    return Tensor(shape: [shape[0], range.count, shape[2], shape[3]]) { result in
      withValues { weight in
        for filter in 0..<shape[0] {
          (result.baseAddress! + filter * range.count * area).update(
            from: weight.baseAddress! + (filter * shape[1] + range.lowerBound) * area,
            count: range.count * area)
        }
      }
    }
  }
}

/// A linear map of the last axis, with all that can be done before its result is stored.
///
/// activation(W x + bias + addend).
package struct JoinedLinearMap {
  package var source: Int
  /// `[K, C]`, plain.
  package let weight: Tensor
  /// `[K]`, where there is one.
  package let bias: Tensor?
  /// A node whose result is added, of the shape of this one's.
  package var addend: Int?
  /// The activation of each sum; nil for none.
  package var activation: Activation?

  /// Creates a linear map alone.
  package init(source: Int, weight: Tensor, bias: Tensor?) {
    (self.source, self.weight, self.bias) = (source, weight, bias)
  }
}
