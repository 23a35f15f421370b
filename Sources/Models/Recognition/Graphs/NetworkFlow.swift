import Layers
import Tensors

/// The data flow of one of terrane's networks, and the parameters of each operation.
///
/// It is found by running the network on kernels that compute nothing.
final class NetworkFlow: ForwardKernels {
  /// The parameters of an operation.
  struct Parameters {
    var weight: String?
    var bias: String?
    var normalization: Normalization?
  }

  /// The parameters of a normalisation after a convolution, or by itself.
  struct Normalization {
    let scale, shift, mean, variance: String
    let epsilon: Float
  }

  private(set) var flow = DataFlow()
  /// The parameters of the operations that have some.
  private(set) var parameters: [Int: Parameters] = [:]
  private let paths: [ObjectIdentifier: String]
  private var places: [ObjectIdentifier: Int] = [:]
  /// Keeps results alive, so that no two have one identity.
  private var results: [Tensor] = []

  let device = Device.host

  /// Records a network on an image of `side` x `side`.
  init(_ network: any Network, bands: Int, side: Int) {
    paths = Dictionary(
      network.parameters.all.map { (ObjectIdentifier($0.tensor), $0.path) }
    ) { first, _ in first }
    let input = Tensor(valueless: [1, bands, side, side])
    results.append(input)
    places[ObjectIdentifier(input)] = flow.add(.input, [])
    _ = network(Value(input), in: Pass(.inference, kernels: self))
  }

  private func place(_ tensor: Tensor) -> Int { places[ObjectIdentifier(tensor)] ?? 0 }

  private func result(_ place: Int, _ shape: Shape) -> Tensor {
    let result = Tensor(valueless: shape)
    results.append(result)
    places[ObjectIdentifier(result)] = place
    return result
  }

  private func result(_ function: String, _ inputs: [Tensor], _ shape: Shape) -> Tensor {
    result(flow.add(.function(function), inputs.map(place)), shape)
  }

  private func path(_ tensor: Tensor) -> String? { paths[ObjectIdentifier(tensor)] }

  func plain(_ input: Tensor) -> Tensor { input }

  func convolution(_ input: Tensor, weight: Tensor, bias: Tensor?, kernel: SlidingKernel) -> Tensor {
    let (rows, columns) = (kernel.rows, kernel.columns)
    let place = flow.add(
      .convolution(
        shape: weight.shape.extents, strides: [rows.stride, columns.stride],
        dilations: DataFlow.dilations([rows.dilation, columns.dilation], of: weight.shape.extents),
        zeros: [rows.before, rows.after, columns.before, columns.after]), [place(input)])
    parameters[place] = Parameters(weight: path(weight), bias: bias.flatMap(path))
    return result(place, kernel.shape(over: input.shape, channels: weight.shape[0]))
  }

  func batchNormalization(
    _ input: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float, relu: Bool
  ) -> Tensor {
    let source = place(input)
    var normalization: Normalization?
    if let scale = path(scale), let shift = path(shift), let mean = path(mean), let variance = path(variance)
    {
      normalization = Normalization(
        scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
    }
    var place = source
    if case .convolution = flow.nodes[source].operation, parameters[source]?.normalization == nil {
      parameters[source]?.normalization = normalization
    } else {
      place = flow.add(.normalization(channels: scale.shape[0]), [source])
      parameters[place] = Parameters(normalization: normalization)
    }
    if relu { place = flow.add(.function("relu"), [place]) }
    return result(place, input.shape)
  }

  func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    result(
      "largest \(Self.words(kernel))", [input],
      kernel.shape(over: input.shape, channels: input.shape.channels))
  }

  func averagePooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    result(
      "mean \(Self.words(kernel))", [input], kernel.shape(over: input.shape, channels: input.shape.channels))
  }

  /// A kernel of a pooling in the words that graphs are compared by: sizes, strides, zeros.
  static func words(_ kernel: SlidingKernel) -> String {
    let (rows, columns) = (kernel.rows, kernel.columns)
    return words(
      [rows.size, columns.size], [rows.stride, columns.stride],
      [rows.before, rows.after, columns.before, columns.after])
  }

  static func words(_ sizes: [Int], _ strides: [Int], _ zeros: [Int]) -> String {
    "\(sizes) \(strides) \(zeros)"
  }

  func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
    if input.shape.height * input.shape.width == 1 {
      return result("spread", [input], [1, input.shape.channels, height, width])
    }
    // Of the same extents it is nothing.
    if (height, width) == (input.shape.height, input.shape.width) { return input }
    return result("nearest", [input], [1, input.shape.channels, height, width])
  }

  func concatenation(_ inputs: [Tensor]) -> Tensor {
    result(
      "join", inputs,
      [1, inputs.reduce(0) { $0 + $1.shape.channels }, inputs[0].shape.height, inputs[0].shape.width])
  }

  func channelMeans(_ input: Tensor) -> Tensor { result("means", [input], [1, input.shape.channels, 1, 1]) }

  func channelProduct(_ input: Tensor, factors: Tensor) -> Tensor {
    result("product", [input, factors], input.shape)
  }

  func activation(_ input: Tensor, _ function: Activation) -> Tensor {
    switch function {
    case .silu: return result("product", [input, result("sigmoid", [input], input.shape)], input.shape)
    case .hardSwish:
      return result("product", [input, result("hardSigmoid", [input], input.shape)], input.shape)
    case .relu, .relu6, .sigmoid, .hardSigmoid, .gelu:
      return result(function.rawValue, [input], input.shape)
    }
  }

  func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let shape = operation.shape(of: inputs.map(\.shape))
    let read = inputs.filter { places[ObjectIdentifier($0)] != nil }
    if operation is Reshaping { return result(place(inputs[0]), shape) }
    if operation is LinearMap, read.count == 1 {
      let place = flow.add(.linear(shape: inputs[1].shape.extents), [place(inputs[0])])
      parameters[place] = Parameters(
        weight: path(inputs[1]), bias: inputs.count > 2 ? path(inputs[2]) : nil)
      return result(place, shape)
    }
    if operation is BilinearResampling, inputs[0].shape.height * inputs[0].shape.width == 1 {
      return result("spread", read, shape)
    }
    if let resampling = operation as? BilinearResampling {
      return result(resampling.alignsCorners ? "linear, corners aligned" : "linear", read, shape)
    }
    // What no graph is compared with yet has a name that none has.
    return result("\(type(of: operation))", read, shape)
  }

  func sum(_ left: Tensor, _ right: Tensor) -> Tensor { result("sum", [left, right], left.shape) }

  func rectifiedSum(_ left: Tensor, _ right: Tensor) -> Tensor {
    result("relu", [sum(left, right)], left.shape)
  }
}
