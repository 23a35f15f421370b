#if ONEDNN
  import COneDNN

  /// Turns a fused graph into steps with places in an arena; the choice of algorithm is a rule of shapes alone.
  struct OneDNNInferenceBuilder {
    private let graph: InferenceGraph
    private let kernels: OneDNNKernels
    private(set) var arena = ArenaPlan()
    private(set) var weights: [PackedWeight] = []
    private var slots: [ArenaPlan.Slot?]

    init(_ graph: InferenceGraph, _ kernels: OneDNNKernels) {
      (self.graph, self.kernels) = (graph, kernels)
      slots = Array(repeating: nil, count: graph.nodes.count)
    }

    /// The steps in order; nil where an operation has no prepared form.
    mutating func steps() -> [any InferenceStep]? {
      let lastReader = graph.lastReaders
      var steps: [any InferenceStep] = []
      for (place, node) in graph.nodes.enumerated() {
        if place == 0 && inputIsReadByStemsOnly { continue }
        let slot = arena.slot(
          bytes: layout(at: place).bytes(of: node.shape), during: place...lastReader[place])
        slots[place] = slot
        switch node.operation {
        case .input:
          steps.append(
            primitive(
              reorder(from: .plain, to: layout(at: place), node.shape),
              [.source: .input, .destination: .slot(slot)], at: place))
        case .convolution(let convolution):
          guard convolution.isDense || convolution.isDepthwise else { return nil }
          steps.append(step(convolution, node.shape, at: place, into: slot))
        case .maxPooling(let source, let kernel):
          steps.append(pooling(source, kernel, node.shape, at: place, into: slot))
        default: return nil
        }
      }
      let output = graph.nodes[graph.output].shape
      steps.append(
        primitive(
          reorder(from: layout(at: graph.output), to: .plain, output),
          [.source: .slot(slots[graph.output]!), .destination: .output], at: graph.nodes.count))
      return steps
    }

    /// How the result of a node lies in memory: scores leave the network unrounded, where a convolution makes them for nobody
    /// else.
    private func layout(at place: Int) -> Layout {
      guard place == graph.output, case .convolution(let convolution) = graph.nodes[place].operation,
        convolution.addend == nil, !graph.nodes.contains(where: { $0.operation.sources.contains(place) })
      else { return kernels.layout }
      return .blocked(kernels.block, .fp32)
    }

    // MARK: Which algorithm

    /// In Float32 Winograd's transforms for 3 x 3 filters, and where the source is to be doubled, which they do for nothing; but
    /// not on maps of fewer than 4 x 4 tiles, where the matrices of the products, four times the filters, are more to read than
    /// is saved. (Windows of 416, whose deepest maps are 13 x 13, take 0.92 of the time with this bound that 16 x 16 took.) In
    /// bf16, whose digits the transforms would spend, oneDNN's direct convolutions.
    private mutating func step(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      guard kernels.precision == .fp32, convolution.groups == 1 else {
        return direct(convolution, shape, at: place, into: slot)
      }
      if isStem(convolution) { return stem(convolution, shape, at: place, into: slot) }
      let isDoubling = convolution.parts.contains { $0.isUpsampled }
      let isLarge = min(shape.height, shape.width) > 12
      if isDoubling || (isLarge && convolution.kernel == SlidingKernel(size: 3, padding: 1)) {
        return winograd(convolution, shape, at: place, into: slot)
      }
      return direct(convolution, shape, at: place, into: slot)
    }

    /// The first convolution of a residual network: 7 x 7 with stride 2 on the image itself.
    private func isStem(_ convolution: JoinedConvolution) -> Bool {
      convolution.kernel == SlidingKernel(size: 7, stride: 2, padding: 3) && convolution.parts.count == 1
        && convolution.parts[0].source == 0 && graph.inputShape.height % 2 == 0
        && graph.inputShape.width % 2 == 0
    }

    private var inputIsReadByStemsOnly: Bool {
      guard kernels.precision == .fp32 else { return false }
      return graph.nodes.allSatisfy { node in
        guard node.operation.sources.contains(0) else { return true }
        guard case .convolution(let convolution) = node.operation else { return false }
        return isStem(convolution) && convolution.addend != 0
      }
    }

    // MARK: Steps

    /// A part of the input channels, where it is, and its weight `[K, C, k, k]`.
    private typealias WinogradPart = (input: WinogradInput, source: ArenaPlan.Slot, weight: Tensor)

    private mutating func winograd(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      let parts = convolution.parts.map { part -> WinogradPart in
        let source = graph.nodes[part.source].shape
        let input = WinogradInput(
          height: source.height, width: source.width, channels: kernels.wholeBlocks(source).channels,
          block: kernels.block, step: 4, padding: 1, isDoubled: part.isUpsampled)
        return (input, slots[part.source]!, part.weight)
      }
      let ordered = parts.filter { !$0.input.isDoubled } + parts.filter(\.input.isDoubled)
      return winograd(ordered, convolution, shape, step: 4, at: place, into: slot)
    }

    private mutating func stem(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      let input = graph.inputShape
      let phases = StridePhases(bands: input.channels, height: input.height / 2, width: input.width / 2)
      let split = arena.slot(phases.storedCount, during: place...place)
      let part: WinogradPart = (
        WinogradInput(
          height: phases.height, width: phases.width, channels: phases.channels, block: StridePhases.block,
          step: 3, padding: 2, isDoubled: false), split, StridePhases.filters(convolution.parts[0].weight)
      )
      return StemStep(
        phases: phases, split: split,
        convolution: winograd([part], convolution, shape, step: 3, at: place, into: slot))
    }

    private mutating func winograd(
      _ parts: [WinogradPart], _ convolution: JoinedConvolution, _ shape: Shape, step: Int, at place: Int,
      into slot: ArenaPlan.Slot
    ) -> WinogradStep {
      let prepared = WinogradConvolution(
        parts.map(\.input), kernels, shape: kernels.wholeBlocks(shape), step: step, relu: convolution.relu)
      let filters = parts.enumerated().map { index, part in
        PackedWeight(bytes: prepared.filterBytes(part: index)) { prepared.filters(part.weight, part: index) }
      }
      weights += filters
      return WinogradStep(
        convolution: prepared, sources: parts.map(\.source), filters: filters, bias: filled(convolution.bias),
        addend: convolution.addend.map { slots[$0]! }, result: slot,
        scratch: arena.slot(prepared.scratchCount, during: place...place))
    }

    private mutating func direct(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      let output = terrane_tensor(kernels.wholeBlocks(shape), layout: layout(at: place))
      let bias = filled(convolution.bias)
      var steps: [any InferenceStep] = []
      for (index, part) in convolution.parts.enumerated() {
        let isLast = index == convolution.parts.count - 1
        let addend = isLast ? convolution.addend : nil
        var source = (shape: kernels.wholeBlocks(graph.nodes[part.source].shape), slot: slots[part.source]!)
        if part.isUpsampled {
          let doubling = doubling(source.shape, source.slot, at: place)
          steps.append(doubling.step)
          source = (doubling.shape, doubling.slot)
        }
        let weight = kernels.wholeBlocks(weight: part.weight.shape, isDepthwise: convolution.groups > 1)
        let primitive = OneDNNPrimitive(
          terrane_fused_convolution(
            kernels.engine, kernels.describe(source.shape), kernels.describe(weight: weight), output,
            convolution.kernel.oneDNN, index == 0 ? 1 : 0, index == 0 ? 0 : 1, addend == nil ? 0 : 1,
            isLast && convolution.relu ? terrane_relu : terrane_identity),
          name: "convolution \(source.shape) by \(weight)", threads: 1)
        let packed = PackedWeight(bytes: primitive.bytes(of: .weights)) { [kernels] in
          kernels.pack(part.weight, for: primitive)
        }
        weights.append(packed)
        var arguments: [OneDNNArgument: OneDNNStep.Place] = [
          .source: .slot(source.slot), .destination: .slot(slot), .weights: .weight(packed),
        ]
        if index == 0 { arguments[.bias] = .constant(bias) }
        if let addend { arguments[.addend(index == 0 ? 0 : 1)] = .slot(slots[addend]!) }
        steps.append(self.primitive(primitive, arguments, at: place))
      }
      return StepSequence(steps)
    }

    /// A map at twice its size, for the convolution at `place` alone.
    private mutating func doubling(_ source: Shape, _ slot: ArenaPlan.Slot, at place: Int) -> (
      step: OneDNNStep, shape: Shape, slot: ArenaPlan.Slot
    ) {
      let doubled: Shape = [source.batch, source.channels, 2 * source.height, 2 * source.width]
      let result = arena.slot(bytes: kernels.layout.bytes(of: doubled), during: place...place)
      let primitive = OneDNNPrimitive(
        terrane_nearest(kernels.engine, kernels.describe(source), kernels.describe(doubled)),
        name: "doubling \(source)", threads: 1)
      let step = self.primitive(primitive, [.source: .slot(slot), .destination: .slot(result)], at: place)
      return (step, doubled, result)
    }

    private mutating func pooling(
      _ source: Int, _ kernel: SlidingKernel, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      let input = graph.nodes[source].shape
      let primitive = OneDNNPrimitive(
        terrane_pooling(
          kernels.engine, kernels.describe(input), kernels.describe(shape), kernel.oneDNN, 0, 0),
        name: "pooling \(input)", threads: 1)
      return self.primitive(
        primitive, [.source: .slot(slots[source]!), .destination: .slot(slot)], at: place)
    }

    /// The step of a primitive, with a scratchpad where it wants one.
    private mutating func primitive(
      _ primitive: OneDNNPrimitive, _ arguments: [OneDNNArgument: OneDNNStep.Place], at place: Int
    ) -> OneDNNStep {
      var arguments = arguments
      if let scratchpad = scratchpad(of: primitive, at: place) { arguments[.scratchpad] = .slot(scratchpad) }
      return OneDNNStep(kernels, primitive, arguments)
    }

    private mutating func scratchpad(of primitive: OneDNNPrimitive, at place: Int) -> ArenaPlan.Slot? {
      let bytes = primitive.bytes(of: .scratchpad)
      return bytes == 0 ? nil : arena.slot(bytes: bytes, during: place...place)
    }

    private func reorder(from: Layout, to: Layout, _ shape: Shape) -> OneDNNPrimitive {
      OneDNNPrimitive(
        terrane_prepared_reorder(
          kernels.engine, terrane_tensor(shape, layout: from), terrane_tensor(shape, layout: to)),
        name: "reorder \(shape) from \(from) to \(to)", threads: 1)
    }

    private func filled(_ bias: [Float]) -> Tensor { kernels.filled(Tensor(bias, shape: [bias.count])) }
  }
#endif
