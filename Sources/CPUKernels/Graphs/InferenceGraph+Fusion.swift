import Tensors

/// Fusion: a convolution or a linear map takes over what its neighbours do.
extension InferenceGraph {
  /// Returns a graph of the same function with fewer operations.
  ///
  /// A normalisation after a convolution is folded into its filters, an activation, a bias and a residual sum
  /// are done before the result is stored, and neither a concatenation nor a doubling before a 3 x 3
  /// convolution is ever written out.
  public func fused() -> InferenceGraph {
    var graph = self
    graph.joinInputs()
    graph.absorbFollowers()
    return graph.pruned()
  }

  /// The number of operations that read each node; the network's output is read once more.
  private var readers: [Int] {
    var readers = Array(repeating: 0, count: nodes.count)
    for node in nodes { for source in node.operation.sources { readers[source] += 1 } }
    readers[output] += 1
    return readers
  }

  /// Lets convolutions read the parts of a concatenation that nothing else reads, and what is doubled, in
  /// place.
  private mutating func joinInputs() {
    let readers = readers
    for place in nodes.indices {
      guard case .convolution(var convolution) = nodes[place].operation, convolution.isDense else { continue }
      convolution.parts = convolution.parts.flatMap { readers[$0.source] == 1 ? separated($0) : [$0] }
      if convolution.kernel == SlidingKernel(size: 3, padding: 1) {
        convolution.parts = convolution.parts.map(lifted)
      }
      nodes[place].operation = .convolution(convolution)
    }
  }

  private func separated(_ part: JoinedConvolution.Part) -> [JoinedConvolution.Part] {
    guard case .concatenation(let sources) = nodes[part.source].operation else { return [part] }
    var first = 0
    return sources.map { source in
      let range = first..<first + nodes[source].shape.channels
      first = range.upperBound
      return .init(source: source, isUpsampled: false, weight: part.weight.channels(range))
    }
  }

  private func lifted(_ part: JoinedConvolution.Part) -> JoinedConvolution.Part {
    guard case .nearestResampling(let source) = nodes[part.source].operation,
      nodes[part.source].shape.height == 2 * nodes[source].shape.height,
      nodes[part.source].shape.width == 2 * nodes[source].shape.width
    else { return part }
    return .init(source: source, isUpsampled: true, weight: part.weight)
  }

  /// Makes normalisations, sums and activations that are the only reader of a convolution or a linear map
  /// part of it, at their own place in the order, where everything they read is there.
  private mutating func absorbFollowers() {
    let readers = readers
    for place in nodes.indices {
      if let map = JoinedLinearMap(nodes[place].operation) { nodes[place].operation = .linearMap(map) }
      switch nodes[place].operation {
      case .affine(let source, let affine, let relu):
        guard var convolution = openConvolution(source, readers) else { continue }
        convolution = convolution.followed(by: affine)
        convolution.activation = relu ? .relu : nil
        nodes[place].operation = .convolution(convolution)
      case .sum(let left, let right, let relu):
        // The later one of two takes the other in.
        for (source, addend) in [(left, right), (right, left)].sorted(by: { $0.0 > $1.0 }) {
          if var convolution = openConvolution(source, readers) {
            convolution.addend = addend
            convolution.activation = relu ? .relu : nil
            nodes[place].operation = .convolution(convolution)
            break
          }
          if case .linearMap(var map) = nodes[source].operation, readers[source] == 1,
            map.activation == nil, map.addend == nil
          {
            map.addend = addend
            map.activation = relu ? .relu : nil
            nodes[place].operation = .linearMap(map)
            break
          }
        }
      case .activation(let source, let function):
        guard readers[source] == 1 else { continue }
        switch nodes[source].operation {
        case .convolution(var convolution) where convolution.activation == nil:
          convolution.activation = function
          nodes[place].operation = .convolution(convolution)
        case .linearMap(var map) where map.activation == nil:
          map.activation = function
          nodes[place].operation = .linearMap(map)
        default: continue
        }
      default: continue
      }
    }
  }

  /// Returns a convolution that nothing was done to yet after its sum, and that only one operation reads.
  private func openConvolution(_ place: Int, _ readers: [Int]) -> JoinedConvolution? {
    guard case .convolution(let convolution) = nodes[place].operation, readers[place] == 1,
      convolution.activation == nil, convolution.addend == nil
    else { return nil }
    return convolution
  }

  /// Returns the nodes that the output needs, renumbered; the input stays the first.
  private func pruned() -> InferenceGraph {
    var isNeeded = Array(repeating: false, count: nodes.count)
    isNeeded[0] = true
    isNeeded[output] = true
    for place in nodes.indices.reversed() where isNeeded[place] {
      for source in nodes[place].operation.sources { isNeeded[source] = true }
    }
    let kept = nodes.indices.filter { isNeeded[$0] }
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($0.element, $0.offset) })
    return InferenceGraph(
      nodes: kept.map {
        Node(operation: nodes[$0].operation.renumbered { places[$0]! }, shape: nodes[$0].shape)
      },
      output: places[output]!)
  }
}
