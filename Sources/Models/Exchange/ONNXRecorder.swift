import Checkpoints
import Layers
import Tensors

/// Kernels that compute nothing and write a network down as an ONNX graph: the layers stay the only place
/// that knows the network.
///
/// Parameters become constants under their own paths, so that the graph is read as weights again.
final class ONNXRecorder: ForwardKernels {
  private(set) var file = ONNXFile()
  /// The operations that have no form in the graph.
  var unsupported: [String] = []
  /// Whether the graph is the same for images of any extents that the network takes.
  var isFree = true
  /// The kernels of convolutions and poolings, in order: where they depend on the image the graph does.
  private(set) var positions: [SlidingKernel] = []
  let input: Tensor
  let device = Device.host

  private let paths: [ObjectIdentifier: String]
  private var names: [ObjectIdentifier: String] = [:]
  private var written: Set<String> = []
  /// The names of what depends on the input; the rest are constants and what is computed from them.
  private var varying: Set<String> = ["input"]
  /// Keeps results alive, so that no two have one identity.
  private var results: [Tensor] = []

  /// Begins to record a network on images of `shape` `[1, C, H, W]`.
  init(_ parameters: ParameterList, inputShape shape: Shape) {
    paths = Dictionary(parameters.all.map { (ObjectIdentifier($0.tensor), $0.path) }) { first, _ in first }
    input = Tensor(valueless: shape)
    names[ObjectIdentifier(input)] = "input"
  }

  /// Returns the name of a result of the graph.
  func name(of result: Tensor) -> String? { names[ObjectIdentifier(result)] }

  /// Returns whether a tensor depends on the input: its first axis is the batch then.
  func varies(_ tensor: Tensor) -> Bool { names[ObjectIdentifier(tensor)].map(varying.contains) ?? false }

  /// Returns the name of a result, or of a constant, which is written when it is first needed.
  func name(_ tensor: Tensor) -> String {
    if let name = names[ObjectIdentifier(tensor)] { return name }
    if let path = paths[ObjectIdentifier(tensor)] {
      if written.insert(path).inserted { file.add(constant: tensor, named: path) }
      return path
    }
    let name = "result\(results.count)"
    names[ObjectIdentifier(tensor)] = name
    results.append(tensor)
    file.add(numbers: tensor, name)
    return name
  }

  func numbers(_ numbers: [Int]) -> String {
    let name = "numbers " + numbers.map(String.init).joined(separator: " ")
    if written.insert(name).inserted { file.add(numbers: numbers, name) }
    return name
  }

  func fractions(_ fractions: [Float], isScalar: Bool = false) -> String {
    let name = (isScalar ? "number " : "factors ") + fractions.map { "\($0)" }.joined(separator: " ")
    if written.insert(name).inserted {
      file.add(numbers: Tensor(fractions, shape: isScalar ? [] : [fractions.count]), name)
    }
    return name
  }

  func result(
    _ operation: String, _ inputs: [String], _ shape: Shape,
    _ attributes: [(String, ONNXFile.Attribute)] = []
  ) -> Tensor {
    let result = Tensor(valueless: shape)
    let name = "result\(results.count)"
    names[ObjectIdentifier(result)] = name
    results.append(result)
    file.add(operation, inputs, name, attributes)
    if inputs.contains(where: varying.contains) { varying.insert(name) }
    return result
  }

  func plain(_ input: Tensor) -> Tensor { input }

  func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    positions.append(kernel)
    let groups = input.shape.channels / weight.shape[1]
    return result(
      "Conv", [name(input), name(weight)] + (bias.map { [name($0)] } ?? []),
      kernel.shape(over: input.shape, channels: weight.shape[0]),
      Self.attributes(kernel) + [
        ("dilations", .integers([kernel.rows.dilation, kernel.columns.dilation])),
        ("group", .integer(groups)),
      ])
  }

  private static func attributes(_ kernel: SlidingKernel) -> [(String, ONNXFile.Attribute)] {
    let (rows, columns) = (kernel.rows, kernel.columns)
    return [
      ("kernel_shape", .integers([rows.size, columns.size])),
      ("strides", .integers([rows.stride, columns.stride])),
      ("pads", .integers([rows.before, columns.before, rows.after, columns.after])),
    ]
  }

  func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor {
    let normalized = result(
      "BatchNormalization", [input, scale, shift, mean, variance].map(name), input.shape,
      [("epsilon", .fraction(epsilon))])
    return relu ? result("Relu", [name(normalized)], input.shape) : normalized
  }

  func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    positions.append(kernel)
    return result(
      "MaxPool", [name(input)], kernel.shape(over: input.shape, channels: input.shape.channels),
      Self.attributes(kernel))
  }

  func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    positions.append(kernel)
    return result(
      "AveragePool", [name(input)], kernel.shape(over: input.shape, channels: input.shape.channels),
      Self.attributes(kernel) + [("count_include_pad", .integer(1))])
  }

  func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
    resampled(
      input, height, width,
      [
        ("mode", .text("nearest")), ("coordinate_transformation_mode", .text("asymmetric")),
        ("nearest_mode", .text("floor")),
      ])
  }

  /// By factors where these are whole numbers, for images of any extents; else to this size.
  func resampled(
    _ input: Tensor, _ height: Int, _ width: Int, _ attributes: [(String, ONNXFile.Attribute)]
  ) -> Tensor {
    let shape = input.shape
    let target: Shape = [shape.batch, shape.channels, height, width]
    let isWhole =
      shape.height * shape.width > 1 && height % shape.height == 0 && width % shape.width == 0
      && height / shape.height == width / shape.width
    guard isWhole else {
      isFree = false
      // The batch may be any: its extent is not among the sizes, and ONNX wants all of them or factors.
      let factors = fractions([1, 1, Float(height) / Float(shape.height), Float(width) / Float(shape.width)])
      return result("Resize", [name(input), "", factors], target, attributes)
    }
    let factor = Float(height / shape.height)
    return result("Resize", [name(input), "", fractions([1, 1, factor, factor])], target, attributes)
  }

  func concatenation(_ inputs: [Tensor]) -> Tensor {
    result(
      "Concat", inputs.map(name),
      [1, inputs.reduce(0) { $0 + $1.shape.channels }, inputs[0].shape.height, inputs[0].shape.width],
      [("axis", .integer(1))])
  }

  func channelMeans(_ input: Tensor) -> Tensor {
    result("GlobalAveragePool", [name(input)], [1, input.shape.channels, 1, 1])
  }

  func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    result("Mul", [name(input), name(factors)], input.shape)
  }

  func activation(_ input: Tensor, _ function: Activation) -> Tensor {
    let (shape, source) = (input.shape, name(input))
    let sixth: [(String, ONNXFile.Attribute)] = [("alpha", .fraction(1 / 6)), ("beta", .fraction(0.5))]
    switch function {
    case .relu: return result("Relu", [source], shape)
    case .relu6:
      return result("Clip", [source, fractions([0], isScalar: true), fractions([6], isScalar: true)], shape)
    case .sigmoid: return result("Sigmoid", [source], shape)
    case .hardSigmoid: return result("HardSigmoid", [source], shape, sixth)
    case .silu: return result("Mul", [source, name(result("Sigmoid", [source], shape))], shape)
    case .hardSwish: return result("HardSwish", [source], shape)
    case .gelu:
      // x (1 + erf(x / sqrt(2))) / 2
      let scaled = result("Mul", [source, fractions([Float(0.5).squareRoot()], isScalar: true)], shape)
      let error = result("Erf", [name(scaled)], shape)
      let sum = result("Add", [name(error), fractions([1], isScalar: true)], shape)
      let half = result("Mul", [source, fractions([0.5], isScalar: true)], shape)
      return result("Mul", [name(half), name(sum)], shape)
    }
  }

  func sum(_ left: Tensor, _ right: Tensor) -> Tensor {
    result("Add", [name(left), name(right)], left.shape)
  }

  func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    result("Relu", [name(sum(left, right))], left.shape)
  }

  /// Finishes the graph with its input and its result.
  ///
  /// - Parameters:
  ///   - scores: the network's result.
  ///   - isFree: whether the graph takes images of any extents.
  func finish(_ scores: Tensor, isFree: Bool) {
    let shape = input.shape
    let extents: (Shape) -> [ONNXFile.Extent] = { shape in
      [.free("batch")]
        + shape.extents.dropFirst().enumerated().map { axis, extent in
          axis > 0 && isFree && extent > 1 ? .free(axis == 1 ? "height" : "width") : .fixed(extent)
        }
    }
    file.add(input: "input", extents(shape))
    file.add("Identity", [name(scores)], "scores")
    file.add(output: "scores", extents(scores.shape))
  }
}
