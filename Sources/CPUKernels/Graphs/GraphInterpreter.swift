import Tensors

/// Runs a graph operation by operation on a kernel set: slow and simple, the oracle of every prepared form.
struct GraphInterpreter: PreparedInference {
  package let graph: InferenceGraph
  package let kernels: any ForwardKernels

  package var inputShape: Shape { graph.inputShape }
  package var outputShape: Shape { graph.outputShape }
  package var weightBytes: Int { 0 }
  package var bytesPerThread: Int {
    graph.nodes.reduce(0) { $0 + $1.shape.count } * MemoryLayout<Float>.stride
  }

  package var isThreadOfItsOwn: Bool { false }

  package func packWeights() {}

  package func callAsFunction(_ images: Tensor) -> Tensor {
    guard graph.isOfOneImage && images.shape.batch > 1 else { return scores(of: images) }
    let results = (0..<images.shape.batch).map { scores(of: images.image($0)) }
    return Tensor(
      results.flatMap(\.values), shape: Shape([results.count] + outputShape.extents.dropFirst()))
  }

  private func scores(of images: Tensor) -> Tensor {
    let lastReader = graph.lastReaders
    var results: [Tensor?] = []
    for (place, node) in graph.nodes.enumerated() {
      results.append(result(of: node, images, results))
      for source in node.operation.sources where lastReader[source] == place { results[source] = nil }
    }
    return kernels.plain(results[graph.output]!)
  }

  private func result(of node: InferenceGraph.Node, _ images: Tensor, _ results: [Tensor?]) -> Tensor {
    switch node.operation {
    case .input: return images
    case .convolution(let convolution): return self.convolution(convolution, node.shape, results)
    case .linearMap(let map):
      let mapped = kernels.result(
        of: LinearMap(), [results[map.source]!, map.weight] + (map.bias.map { [$0] } ?? []))
      let sum = map.addend.map { kernels.sum(mapped, results[$0]!) } ?? mapped
      return map.activation.map { kernels.activation(sum, $0) } ?? sum
    case .affine(let source, let affine, let relu):
      let channels: Shape = [affine.factors.count]
      return kernels.batchNormalization(
        results[source]!, scale: Tensor(affine.factors, shape: channels),
        shift: Tensor(affine.offsets, shape: channels), mean: Tensor(repeating: 0, shape: channels),
        variance: Tensor(repeating: 1, shape: channels), epsilon: 0, relu: relu)
    case .maxPooling(let source, let kernel):
      return kernels.maxPooling(results[source]!, kernel: kernel)
    case .activation(let source, let function): return kernels.activation(results[source]!, function)
    case .averagePooling(let source, let kernel):
      return kernels.averagePooling(results[source]!, kernel: kernel)
    case .channelMeans(let source): return kernels.channelMeans(results[source]!)
    case .channelProduct(let source, let factors):
      return kernels.channelProduct(results[source]!, factors: results[factors]!)
    case .plain(let operation, let operands):
      return kernels.result(
        of: operation,
        operands.map { operand in
          switch operand {
          case .node(let node): results[node]!
          case .constant(let tensor): tensor
          }
        })
    case .nearestResampling(let source):
      return kernels.nearestResampling(results[source]!, height: node.shape.height, width: node.shape.width)
    case .concatenation(let sources): return kernels.concatenation(sources.map { results[$0]! })
    case .sum(let left, let right, let relu):
      return relu
        ? kernels.rectifiedSum(results[left]!, results[right]!) : kernels.sum(results[left]!, results[right]!)
    }
  }

  private func convolution(_ convolution: JoinedConvolution, _ shape: Shape, _ results: [Tensor?]) -> Tensor {
    var sum = convolution.addend.map { results[$0]! }
    for (index, part) in convolution.parts.enumerated() {
      var source = results[part.source]!
      if part.isUpsampled {
        source = kernels.nearestResampling(source, height: shape.height, width: shape.width)
      }
      let bias = index == 0 ? Tensor(convolution.bias, shape: [convolution.bias.count]) : nil
      let term = kernels.convolution(source, weight: part.weight, bias: bias, kernel: convolution.kernel)
      let isLast = index == convolution.parts.count - 1
      sum =
        sum.map {
          isLast && convolution.activation == .relu ? kernels.rectifiedSum($0, term) : kernels.sum($0, term)
        } ?? term
    }
    let alone = convolution.parts.count == 1 && convolution.addend == nil
    guard let activation = convolution.activation, alone || activation != .relu else { return sum! }
    return kernels.activation(sum!, activation)
  }
}

extension HostKernels {
  /// Returns the graph to be run operation by operation, which serves a set that has no better form of it.
  package func prepared(_ graph: InferenceGraph) -> any PreparedInference {
    GraphInterpreter(graph: graph.fused(), kernels: self)
  }
}

extension Tensor {
  /// Returns one image of a plain batch.
  fileprivate func image(_ index: Int) -> Tensor {
    let shape = Shape([1] + shape.extents.dropFirst())
    return withValues { Tensor(Array($0[index * shape.count..<(index + 1) * shape.count]), shape: shape) }
  }
}
