import Checkpoints
import Tensors

/// The data flow of an ONNX graph, and the constants of each operation.
struct GraphFlow {
  /// The constants of an operation, by their names.
  struct Constants {
    var weight: String
    var bias: String?
    /// Whether the weight stands as `[C, K]`.
    var isTransposed = false
    /// Scale, shift, mean and variance of a normalisation that was not joined.
    var normalization: [String] = []
  }

  private(set) var flow = DataFlow()
  /// The constants of the operations that have some.
  private(set) var constants: [Int: Constants] = [:]
  private let graph: WeightsGraph
  /// What a name stands for: the place of its operation.
  private var places: [String: Int] = [:]
  /// What a name stands for that repeats a constant.
  private var aliases: [String: String] = [:]
  /// Zeros that a `Pad` puts around what a name stands for.
  private var zeros: [String: [Int]] = [:]
  /// The places of what is a single pixel: means of channels, and what is made of them alone.
  private var pixels: Set<Int> = []

  init(_ graph: WeightsGraph) {
    self.graph = graph
    let input = flow.add(.input, [])
    for node in graph.nodes {
      guard let output = node.outputs.first else { continue }
      if node.operation == "Constant" { continue }
      // A name stands for one thing, so that no names stand for each other in a circle.
      if node.operation == "Identity", let source = node.inputs.first, places[source] == nil,
        graph.shape(of: constant(source)) != nil, graph.shape(of: output) == nil, aliases[output] == nil
      {
        aliases[output] = source
        continue
      }
      let place = add(node, output, input)
      places[output] = place
      let sources = flow.nodes[place].sources
      if flow.nodes[place].operation == .function("means")
        || !sources.isEmpty && sources.allSatisfy(pixels.contains)
      {
        pixels.insert(place)
      }
    }
  }

  /// Returns the name of the constant that a name stands for.
  private func constant(_ name: String) -> String {
    var name = name
    while let other = aliases[name] { name = other }
    return name
  }

  /// Returns the shape of a constant that an operation reads at a place; nil where there is none.
  private func shape(_ node: ONNXNode, _ index: Int) -> [Int]? {
    guard index < node.inputs.count else { return nil }
    return graph.shape(of: constant(node.inputs[index]))?.extents
  }

  private func numbers(_ node: ONNXNode, _ index: Int) -> [Float]? {
    guard index < node.inputs.count else { return nil }
    return graph.numbers(of: constant(node.inputs[index]))
  }

  /// Returns a small constant's numbers where all are whole.
  private func integers(_ node: ONNXNode, _ index: Int) -> [Int]? {
    guard let numbers = numbers(node, index) else { return nil }
    let whole = numbers.compactMap { Int(exactly: $0) }
    return whole.count == numbers.count ? whole : nil
  }

  private func place(_ node: ONNXNode, _ index: Int, _ input: Int) -> Int {
    guard index < node.inputs.count else { return input }
    // What no operation made is the graph's input.
    return places[node.inputs[index]] ?? input
  }

  /// Adds an operation and returns the place of its result.
  private mutating func add(_ node: ONNXNode, _ output: String, _ input: Int) -> Int {
    let source = place(node, 0, input)
    // Zeros around what anything else reads are not understood.
    let isPadded = node.inputs.contains { zeros[$0] != nil }
    switch isPadded && node.operation != "Conv" ? "" : node.operation {
    case "Conv": return addConvolution(node, source)
    case "Gemm": return addLinearMap(node, source)
    case "BatchNormalization": return addNormalization(node, source)
    case "Pad":
      if let zeros = padding(node) {
        self.zeros[output] = zeros
        return source
      }
    case "Identity", "Dropout", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze": return source
    case "Relu": return flow.add(.function("relu"), [source])
    case "Sigmoid": return flow.add(.function("sigmoid"), [source])
    case "Clip":
      let low = node.fractions["min"] ?? numbers(node, 1)?.first
      let high = node.fractions["max"] ?? numbers(node, 2)?.first
      if low == 0, high == 6 { return flow.add(.function("relu6"), [source]) }
    case "HardSigmoid":
      if isSixth(node) { return flow.add(.function("hardSigmoid"), [source]) }
    case "HardSwish":
      return flow.add(.function("product"), [source, flow.add(.function("hardSigmoid"), [source])])
    case "Swish":
      return flow.add(.function("product"), [source, flow.add(.function("sigmoid"), [source])])
    case "Add", "Mul":
      if node.inputs.count == 2, shape(node, 0) == nil, shape(node, 1) == nil {
        return flow.add(
          .function(node.operation == "Add" ? "sum" : "product"), [source, place(node, 1, input)])
      }
    case "Concat":
      if node.integers["axis"] == [1] {
        return flow.add(.function("join"), node.inputs.indices.map { place(node, $0, input) })
      }
    case "GlobalAveragePool": return flow.add(.function("means"), [source])
    case "ReduceMean":
      let axes = node.integers["axes"] ?? integers(node, 1)
      if axes.map(Set.init) == [2, 3] || axes.map(Set.init) == [-1, -2] {
        return flow.add(.function("means"), [source])
      }
    case "MaxPool", "AveragePool":
      if let words = pooling(node) { return flow.add(.function(words), [source]) }
    case "Resize", "Upsample":
      if pixels.contains(source) { return flow.add(.function("spread"), [source]) }
      if let words = resampling(node) { return flow.add(.function(words), [source]) }
    default: break
    }
    // Whatever is not understood has a name that no network's operation has.
    return flow.add(
      .function("\(node.operation) of a graph"), node.inputs.indices.map { place(node, $0, input) })
  }

  private mutating func addConvolution(_ node: ONNXNode, _ source: Int) -> Int {
    guard let weight = shape(node, 1), weight.count == 4 else {
      return flow.add(.function("a convolution without constants"), [source])
    }
    // ONNX has the zeros before rows and columns, then those after.
    let pads = node.integers["pads"] ?? [0, 0, 0, 0]
    let isPlain = ["NOTSET", "VALID"].contains(node.texts["auto_pad"] ?? "NOTSET") && pads.count == 4
    let own = isPlain ? [pads[0], pads[2], pads[1], pads[3]] : []
    let around = zeros[node.inputs[0]] ?? [0, 0, 0, 0]
    let place = flow.add(
      .convolution(
        shape: weight, strides: node.integers["strides"] ?? [1, 1],
        dilations: DataFlow.dilations(node.integers["dilations"] ?? [1, 1], of: weight),
        zeros: zip(own, around).map { $0 &+ $1 }), [source])
    constants[place] = Constants(
      weight: constant(node.inputs[1]),
      bias: node.inputs.count > 2 && !node.inputs[2].isEmpty ? constant(node.inputs[2]) : nil)
    return place
  }

  private mutating func addLinearMap(_ node: ONNXNode, _ source: Int) -> Int {
    guard let weight = shape(node, 1), weight.count == 2, node.integers["transA"] ?? [0] == [0],
      node.fractions["alpha"] ?? 1 == 1, node.fractions["beta"] ?? 1 == 1
    else { return flow.add(.function("a product of matrices"), [source]) }
    let isTransposed = node.integers["transB"] ?? [0] == [0]
    let place = flow.add(.linear(shape: isTransposed ? weight.reversed() : weight), [source])
    constants[place] = Constants(
      weight: constant(node.inputs[1]), bias: node.inputs.count > 2 ? constant(node.inputs[2]) : nil,
      isTransposed: isTransposed)
    return place
  }

  private mutating func addNormalization(_ node: ONNXNode, _ source: Int) -> Int {
    guard node.inputs.count == 5, let scale = shape(node, 1), scale.count == 1 else {
      return flow.add(.function("a normalisation without constants"), [source])
    }
    let names = node.inputs[1...].map(constant)
    if case .convolution = flow.nodes[source].operation, constants[source]?.bias == nil,
      constants[source]?.normalization.isEmpty == true
    {
      constants[source]?.normalization = names
      return source
    }
    let place = flow.add(.normalization(channels: scale[0]), [source])
    constants[place] = Constants(weight: names[0], normalization: names)
    return place
  }

  /// Returns the zeros that a `Pad` puts around rows and columns; nil where it does anything else, or what it
  /// does is computed.
  private func padding(_ node: ONNXNode) -> [Int]? {
    guard node.texts["mode"] ?? "constant" == "constant",
      let pads = node.integers["pads"] ?? integers(node, 1), pads.count == 8,
      [pads[0], pads[1], pads[4], pads[5]] == [0, 0, 0, 0]
    else { return nil }
    let value = node.fractions["value"] ?? numbers(node, 2)?.first ?? 0
    return value == 0 ? [pads[2], pads[6], pads[3], pads[7]] : nil
  }

  private func pooling(_ node: ONNXNode) -> String? {
    let pads = node.integers["pads"] ?? [0, 0, 0, 0]
    guard let sizes = node.integers["kernel_shape"], sizes.count == 2, pads.count == 4,
      node.integers["ceil_mode"] ?? [0] == [0], (node.integers["dilations"] ?? [1, 1]) == [1, 1],
      node.texts["auto_pad"] ?? "NOTSET" == "NOTSET"
    else { return nil }
    let isMean = node.operation == "AveragePool"
    // A mean that does not count zeros is another one where there are some.
    if isMean, pads != [0, 0, 0, 0], node.integers["count_include_pad"] ?? [0] == [0] { return nil }
    return (isMean ? "mean " : "largest ")
      + NetworkFlow.words(sizes, node.integers["strides"] ?? [1, 1], [pads[0], pads[2], pads[1], pads[3]])
  }

  private func resampling(_ node: ONNXNode) -> String? {
    switch (node.texts["mode"] ?? "nearest", node.texts["coordinate_transformation_mode"] ?? "half_pixel") {
    case ("nearest", _): "nearest"
    case ("linear", "half_pixel"), ("linear", "pytorch_half_pixel"): "linear"
    case ("linear", "align_corners"): "linear, corners aligned"
    default: nil
    }
  }

  private func isSixth(_ node: ONNXNode) -> Bool {
    abs((node.fractions["alpha"] ?? 0.2) - 1 / 6) < 1e-6 && (node.fractions["beta"] ?? 0.5) == 0.5
  }
}
