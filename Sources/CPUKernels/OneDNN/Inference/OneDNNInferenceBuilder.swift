import Tensors

#if ONEDNN
  import COneDNN

  /// Turns a fused graph into steps with places in an arena; the choice of algorithm is a rule of shapes
  /// alone.
  struct OneDNNInferenceBuilder {
    let graph: InferenceGraph
    let kernels: OneDNNKernels
    var arena = ArenaPlan()
    var weights: [PackedWeight] = []
    var steps: [any InferenceStep] = []
    /// The slots of the result of each node, in each layout that somebody asked for; the first is the one it
    /// was made in.
    private var homes: [[(layout: Layout, slot: ArenaPlan.Slot)]]
    private let lastReader: [Int]

    init(_ graph: InferenceGraph, _ kernels: OneDNNKernels) {
      (self.graph, self.kernels) = (graph, kernels)
      homes = Array(repeating: [], count: graph.nodes.count)
      lastReader = graph.lastReadersThroughViews
    }

    /// Fills ``steps``; false where an operation has no prepared form.
    mutating func build() -> Bool {
      for place in graph.nodes.indices where !add(graph.nodes[place], at: place) { return false }
      let output = slot(of: graph.output, in: .plain, at: graph.nodes.count)
      steps.append(CopyStep(parts: [(output, graph.outputShape.count)], target: .output))
      return true
    }

    private mutating func add(_ node: InferenceGraph.Node, at place: Int) -> Bool {
      switch node.operation {
      case .input: break  // made in a layout when somebody asks for it
      case .convolution(let convolution):
        if wantsUnrolling(convolution, node.shape) {
          addUnrolled(convolution, node.shape, at: place)
          break
        }
        steps.append(step(convolution, node.shape, at: place, into: home(place, layout(at: place))))
      case .maxPooling(let source, let kernel):
        addPooling(source, kernel, isMean: false, node.shape, at: place)
      case .averagePooling(let source, let kernel):
        addPooling(source, kernel, isMean: true, node.shape, at: place)
      case .affine(let source, let affine, let relu): addAffine(source, affine, relu, node.shape, at: place)
      case .activation(let source, let function): addActivation(source, function, node.shape, at: place)
      case .channelMeans(let source): addMeans(source, at: place)
      case .channelProduct(let source, let factors): addProduct(source, factors, node.shape, at: place)
      case .sum(let left, let right, let relu): addSum(left, right, relu, node.shape, at: place)
      case .concatenation(let sources): addConcatenation(sources, at: place)
      case .linearMap(let map): addLinearMap(map, node.shape, at: place)
      case .plain(let operation, let operands): addPlain(operation, operands, node.shape, at: place)
      case .nearestResampling: return false
      }
      return true
    }

    // MARK: Where results lie

    /// Returns the layout of the result of a convolution: scores leave the network unrounded, where a
    /// convolution makes them for nobody else.
    private func layout(at place: Int) -> Layout {
      guard scores.contains(place), case .convolution(let convolution) = graph.nodes[place].operation,
        convolution.addend == nil, !isRead(place)
      else { return kernels.layout }
      return floats
    }

    /// The nodes whose results are scores: the output, or those that it is the mean over.
    private var scores: [Int] {
      guard case .plain(let operation, let operands) = graph.nodes[graph.output].operation,
        operation is LogMeanProbabilities
      else { return [graph.output] }
      return operands.compactMap(\.node)
    }

    /// Returns whether anything but the output reads a node.
    private func isRead(_ place: Int) -> Bool {
      graph.nodes.enumerated().contains { reader, node in
        reader != graph.output && node.operation.sources.contains(place)
      }
    }

    /// Blocks of Float32, which loops of our own work on.
    var floats: Layout { .blocked(kernels.block, .fp32) }

    /// Makes room for the result of a node.
    mutating func home(_ place: Int, _ layout: Layout) -> ArenaPlan.Slot {
      let slot = arena.slot(
        bytes: layout.bytes(of: graph.nodes[place].shape), during: place...lastReader[place])
      homes[place].append((layout, slot))
      return slot
    }

    /// Lets a node lie where another does.
    mutating func share(_ place: Int, at slot: ArenaPlan.Slot) {
      homes[place].append((.plain, slot))
    }

    /// Returns the layout that a node was made in.
    func madeLayout(of node: Int) -> Layout { homes[node].first?.layout ?? kernels.layout }

    /// Returns the slot of a node's result in a layout, for the operation at `place`; the result is reordered
    /// there at the first call.
    mutating func slot(of node: Int, in layout: Layout, at place: Int) -> ArenaPlan.Slot {
      if let home = homes[node].first(where: { $0.layout == layout }) { return home.slot }
      let shape = graph.nodes[node].shape
      let slot = arena.slot(bytes: layout.bytes(of: shape), during: place...max(place, lastReader[node]))
      let made = homes[node].first
      let reorder = OneDNNPrimitive(
        terrane_prepared_reorder(
          kernels.engine, terrane_tensor(shape, layout: made?.layout ?? .plain),
          terrane_tensor(shape, layout: layout)),
        name: "reorder \(shape) to \(layout)", threads: 1)
      steps.append(
        primitive(
          reorder, [.source: made.map { .slot($0.slot) } ?? .input, .destination: .slot(slot)], at: place))
      homes[node].append((layout, slot))
      return slot
    }

    // MARK: Which algorithm

    /// Makes the step of a convolution. In Float32 these are Winograd's transforms for 3 x 3 filters, and
    /// where the source is to be doubled, which they do for nothing; but not on maps of fewer than 4 x 4
    /// tiles, where the matrices of the products, four times the filters, are more to read than is saved.
    /// (Windows of 416, whose deepest maps are 13 x 13, take 0.92 of the time with this bound that 16 x 16
    /// took.) In bf16, whose digits the transforms would spend, oneDNN's direct convolutions.
    private mutating func step(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      guard kernels.precision == .fp32, convolution.groups == 1 else {
        return direct(convolution, shape, at: place, into: slot)
      }
      if isStem(convolution) { return stem(convolution, shape, at: place, into: slot) }
      guard convolution.activation == nil || convolution.activation == .relu else {
        return direct(convolution, shape, at: place, into: slot)
      }
      let isDoubling = convolution.parts.contains { $0.isUpsampled }
      let isLarge = min(shape.height, shape.width) > 12
      if isDoubling || (isLarge && convolution.kernel == SlidingKernel(size: 3, padding: 1)) {
        return winograd(convolution, shape, at: place, into: slot)
      }
      return direct(convolution, shape, at: place, into: slot)
    }

    /// Returns the first convolution of a residual network: 7 x 7 with stride 2 on the image itself.
    private func isStem(_ convolution: JoinedConvolution) -> Bool {
      convolution.kernel == SlidingKernel(size: 7, stride: 2, padding: 3) && convolution.parts.count == 1
        && convolution.parts[0].source == 0 && graph.inputShape.height % 2 == 0
        && graph.inputShape.width % 2 == 0
    }

    // MARK: Steps

    /// A part of the input channels, where it is, and its weight `[K, C, k, k]`.
    private typealias WinogradPart = (input: WinogradInput, source: ArenaPlan.Slot, weight: Tensor)

    private mutating func winograd(
      _ convolution: JoinedConvolution, _ shape: Shape, at place: Int, into slot: ArenaPlan.Slot
    ) -> any InferenceStep {
      var parts: [WinogradPart] = []
      for part in convolution.parts {
        let source = graph.nodes[part.source].shape
        let input = WinogradInput(
          height: source.height, width: source.width, channels: kernels.wholeBlocks(source).channels,
          block: kernels.block, step: 4, padding: 1, isDoubled: part.isUpsampled)
        parts.append((input, self.slot(of: part.source, in: kernels.layout, at: place), part.weight))
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
        parts.map(\.input), kernels, shape: kernels.wholeBlocks(shape), step: step,
        relu: convolution.activation == .relu)
      let filters = parts.enumerated().map { index, part in
        PackedWeight(bytes: prepared.filterBytes(part: index)) { prepared.filters(part.weight, part: index) }
      }
      weights += filters
      let addend = convolution.addend.map { self.slot(of: $0, in: kernels.layout, at: place) }
      return WinogradStep(
        convolution: prepared, sources: parts.map(\.source), filters: filters, bias: filled(convolution.bias),
        addend: addend, result: slot,
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
        let source = source(of: part, in: convolution, at: place, &steps)
        let isDepthwise = convolution.groups > 1
        var weight = kernels.wholeBlocks(weight: part.weight.shape, isDepthwise: isDepthwise)
        if source.isImage { weight = [weight[0], part.weight.shape[1], weight[2], weight[3]] }
        let primitive = OneDNNPrimitive(
          terrane_fused_convolution(
            kernels.engine,
            source.isImage ? terrane_tensor(source.shape, layout: .plain) : kernels.describe(source.shape),
            kernels.describe(weight: weight), output, convolution.kernel.oneDNN, index == 0 ? 1 : 0,
            index == 0 ? 0 : 1, addend == nil ? 0 : 1,
            isLast ? convolution.activation.oneDNN : terrane_identity),
          name: "convolution \(source.shape) by \(weight)", threads: 1)
        let packed = PackedWeight(bytes: primitive.bytes(of: .weights)) { [kernels] in
          kernels.pack(part.weight, for: primitive)
        }
        weights.append(packed)
        var arguments: [OneDNNArgument: OneDNNStep.Place] = [
          .source: source.place, .destination: .slot(slot), .weights: .weight(packed),
        ]
        if index == 0 { arguments[.bias] = .constant(bias) }
        if let addend {
          arguments[.addend(index == 0 ? 0 : 1)] = .slot(
            self.slot(of: addend, in: layout(at: place), at: place))
        }
        steps.append(self.primitive(primitive, arguments, at: place))
      }
      return StepSequence(steps)
    }

    /// Returns a map at twice its size, for the convolution at `place` alone.
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

    /// Returns the source of a part of a convolution: an image of few bands as it came, which oneDNN has
    /// loops of its own for and which spares the work on the zeros of a block; else blocks, doubled where it
    /// asks for that.
    private mutating func source(
      of part: JoinedConvolution.Part, in convolution: JoinedConvolution, at place: Int,
      _ steps: inout [any InferenceStep]
    ) -> (shape: Shape, place: OneDNNStep.Place, isImage: Bool) {
      let shape = graph.nodes[part.source].shape
      if part.source == 0, kernels.precision == .fp32, convolution.isDense, !part.isUpsampled,
        shape.channels <= kernels.block / 2
      {
        return (shape, .input, true)
      }
      let whole = kernels.wholeBlocks(shape)
      let slot = slot(of: part.source, in: kernels.layout, at: place)
      guard part.isUpsampled else { return (whole, .slot(slot), false) }
      let doubling = doubling(whole, slot, at: place)
      steps.append(doubling.step)
      return (doubling.shape, .slot(doubling.slot), false)
    }

    /// Returns the step of a primitive, with a scratchpad where it wants one.
    mutating func primitive(
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

    func filled(_ bias: [Float]) -> Tensor { kernels.filled(Tensor(bias, shape: [bias.count])) }
  }
#endif
