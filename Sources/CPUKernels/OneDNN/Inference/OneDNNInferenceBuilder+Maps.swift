import Tensors

#if ONEDNN
  import COneDNN

  /// The steps of operations other than convolutions.
  extension OneDNNInferenceBuilder {
    mutating func addPooling(
      _ source: Int, _ kernel: SlidingKernel, isMean: Bool, _ shape: Shape, at place: Int
    ) {
      let input = graph.nodes[source].shape
      let from = slot(of: source, in: kernels.layout, at: place)
      let primitive = OneDNNPrimitive(
        terrane_pooling(
          kernels.engine, kernels.describe(input), kernels.describe(shape), kernel.oneDNN, isMean ? 1 : 0, 0),
        name: "pooling \(input)", threads: 1)
      let arguments: [OneDNNArgument: OneDNNStep.Place] = [
        .source: .slot(from), .destination: .slot(home(place, kernels.layout)),
      ]
      steps.append(self.primitive(primitive, arguments, at: place))
    }

    mutating func addAffine(
      _ source: Int, _ affine: ChannelAffine, _ relu: Bool, _ shape: Shape, at place: Int
    ) {
      let from = slot(of: source, in: floats, at: place)
      steps.append(
        ChannelStep(
          planes: StoredPlanes(shape, layout: floats), source: from, result: home(place, floats),
          work: .transform(
            factors: filled(affine.factors),
            offsets: filled(affine.offsets), relu: relu)))
    }

    mutating func addMeans(_ source: Int, at place: Int) {
      let from = slot(of: source, in: floats, at: place)
      steps.append(
        ChannelStep(
          planes: StoredPlanes(graph.nodes[source].shape, layout: floats), source: from,
          result: home(place, floats), work: .means))
    }

    mutating func addProduct(_ source: Int, _ factors: Int, _ shape: Shape, at place: Int) {
      let (from, by) = (slot(of: source, in: floats, at: place), slot(of: factors, in: floats, at: place))
      steps.append(
        ChannelStep(
          planes: StoredPlanes(shape, layout: floats), source: from, result: home(place, floats),
          work: .product(by)))
    }

    mutating func addActivation(_ source: Int, _ function: Activation, _ shape: Shape, at place: Int) {
      let layout = floatLayout(of: source)
      let from = slot(of: source, in: layout, at: place)
      steps.append(
        ActivationStep(
          function: function, source: from, result: home(place, layout),
          count: layout.storedCount(of: shape)))
    }

    mutating func addSum(_ left: Int, _ right: Int, _ relu: Bool, _ shape: Shape, at place: Int) {
      let layout = floatLayout(of: left)
      let (first, second) = (slot(of: left, in: layout, at: place), slot(of: right, in: layout, at: place))
      steps.append(
        SumStep(
          left: first, right: second, result: home(place, layout), count: layout.storedCount(of: shape),
          relu: relu))
    }

    mutating func addConcatenation(_ sources: [Int], at place: Int) {
      let fillsBlocks = sources.allSatisfy { graph.nodes[$0].shape.channels % kernels.block == 0 }
      let layout: Layout = fillsBlocks ? floats : .plain
      let parts = sources.map { source in
        (slot(of: source, in: layout, at: place), layout.storedCount(of: graph.nodes[source].shape))
      }
      steps.append(CopyStep(parts: parts, target: .slot(home(place, layout))))
    }

    mutating func addPlain(
      _ operation: any PlainOperation, _ operands: [InferenceGraph.Operand], _ shape: Shape, at place: Int
    ) {
      if let view = graph.view(at: place) {
        share(place, at: slot(of: view.source, in: .plain, at: place).from(view.offset))
        return
      }
      let inputs = operands.map { operand -> PlainStep.Input in
        switch operand {
        case .node(let node): .slot(slot(of: node, in: .plain, at: place), graph.nodes[node].shape)
        case .constant(let tensor): .constant(tensor)
        }
      }
      steps.append(
        PlainStep(operation: operation, inputs: inputs, result: home(place, .plain), shape: shape))
    }

    /// Returns the layout of Float32 that is nearest to how a node was made.
    private func floatLayout(of node: Int) -> Layout { madeLayout(of: node) == .plain ? .plain : floats }
  }

  extension Activation? {
    /// The operation that oneDNN applies to a result before it is stored.
    var oneDNN: terrane_activation {
      switch self {
      case nil: terrane_identity
      case .relu: terrane_relu
      case .relu6: terrane_relu6
      case .silu: terrane_silu
      case .hardSwish: terrane_hard_swish
      case .sigmoid: terrane_sigmoid
      case .hardSigmoid: terrane_hard_sigmoid
      case .gelu: terrane_gelu
      }
    }
  }
#endif
