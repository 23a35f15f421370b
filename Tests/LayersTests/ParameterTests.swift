import Layers
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Parameters and their start")
struct ParameterTests {
  @Test("initial values have the mean and variance of their rule", arguments: [1, 2, 3] as [UInt64])
  func moments(seed: UInt64) {
    // [64, 32, 3, 3]: fan-in 288, fan-out 576, 18,432 draws; the tolerances are five standard errors.
    let shape: Shape = [64, 32, 3, 3]
    let cases: [(Initializer, variance: Double, bound: Double)] = [
      (.kaimingNormalFanOut, 2 / 576, .infinity),
      (.kaimingUniformFanIn, 2 / 288, (6.0 / 288).squareRoot()),
      (.xavierUniform, 2 / (288 + 576), (6.0 / (288 + 576)).squareRoot()),
    ]
    for (initializer, variance, bound) in cases {
      var random = RandomSource(seed: seed, stream: "moments")
      let values = initializer.tensor(shape: shape, random: &random).values.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(mean) < 5 * (variance / Double(values.count)).squareRoot())
      #expect(abs(spread / variance - 1) < 5 * (2 / Double(values.count)).squareRoot())
      #expect(values.allSatisfy { abs($0) <= bound })
    }
    var random = RandomSource(seed: seed, stream: "constant")
    #expect(Initializer.constant(0.5).tensor(shape: [3], random: &random).values == [0.5, 0.5, 0.5])
  }

  @Test("values depend on the seed and a parameter's own path, not on what was made before it")
  func streams() {
    func value(_ path: String, seed: UInt64, after others: [String]) -> [Float] {
      let scope = ParameterScope(ParameterList(), seed: seed).child("block")
      for other in others {
        _ = scope.parameter(other, .weight, shape: [4, 4, 1, 1], initializer: .xavierUniform)
      }
      return scope.parameter(path, .weight, shape: [8, 8, 1, 1], initializer: .xavierUniform).tensor.values
    }
    let value1 = value("weight", seed: 1, after: [])
    #expect(value1 == value("weight", seed: 1, after: ["a", "b"]))
    #expect(value1 != value("weight", seed: 2, after: []))
    #expect(value1 != value("other", seed: 1, after: []))
  }

  @Test("paths are joined by points, in the order of making")
  func paths() {
    let list = ParameterList()
    let scope = ParameterScope(list, seed: 0).child("encoder")
    _ = scope.child("layer1").child("0").parameter("weight", .weight, shape: [1], initializer: .constant(0))
    _ = scope.parameter("bias", .bias, shape: [1], initializer: .constant(0))
    #expect(list.all.map(\.path) == ["encoder.layer1.0.weight", "encoder.bias"])
    #expect(list["encoder.bias"]?.role == .bias)
    #expect(list["bias"] == nil)
  }

  @Test("a snapshot keeps the values of its moment and gives them back")
  func snapshot() {
    let list = ParameterList()
    let parameter = ParameterScope(list, seed: 3).parameter(
      "weight", .weight, shape: [2, 2, 1, 1], initializer: .xavierUniform)
    let before = parameter.tensor.values
    let snapshot = list.snapshot()
    parameter.tensor.mutate { $0[0] = 100 }
    #expect(parameter.tensor.values != before)
    #expect(snapshot["weight"]!.values == before)
    list.restore(snapshot)
    #expect(parameter.tensor.values == before)
    parameter.tensor.mutate { $0[0] = -100 }
    #expect(snapshot["weight"]!.values == before, "a restored network does not write into the snapshot")
  }

  @Test("freezing goes by the start of the path and never trains running statistics")
  func freezing() {
    let network = SmallNetwork(seed: 1)
    network.parameters.freeze(["first."])
    #expect(
      Set(network.parameters.all.filter(\.isTrainable).map(\.path)) == ["second.weight", "second.bias"])
    network.parameters.freeze([])
    #expect(
      Set(network.parameters.all.filter(\.isTrainable).map(\.path)) == [
        "first.convolution.weight", "first.norm.weight", "first.norm.bias", "second.weight", "second.bias",
      ])
  }
}

/// A convolution with normalisation, and a head: the smallest network in which freezing means something.
struct SmallNetwork {
  let parameters = ParameterList()
  private let convolution: Convolution
  private let norm: BatchNormalization
  private let head: Convolution

  init(seed: UInt64) {
    let root = ParameterScope(parameters, seed: seed)
    let first = root.child("first")
    convolution = Convolution(
      .init(inputs: 2, outputs: 3, kernel: SlidingKernel(size: 3, padding: 1)),
      in: first.child("convolution"),
      initializer: .kaimingUniformFanIn)
    norm = BatchNormalization(channels: 3, activation: .relu, in: first.child("norm"))
    head = Convolution(
      .init(inputs: 3, outputs: 2, kernel: SlidingKernel(size: 1), hasBias: true), in: root.child("second"),
      initializer: .xavierUniform)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    head(norm(convolution(input, in: pass), in: pass), in: pass)
  }
}
