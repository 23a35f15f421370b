import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Three steps of a network of each family against PyTorch in float64; see
/// `Golden/write_backbone_training.py`.
@Suite("Training steps of backbones are those of PyTorch", .serialized)
struct BackboneTrainingTests {
  private static let golden = try! HashedNetwork.golden("training-backbones.safetensors")
  private static let classes = 5

  struct Case: CustomTestStringConvertible, Sendable {
    /// `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<rate>/<seed>`.
    let testDescription: String
    private var parts: [String] { testDescription.split(separator: "/").map(String.init) }
    var scheme: NamingScheme { NamingScheme(rawValue: parts[0])! }
    var name: String { parts[1] }
    var shape: Shape { Shape(parts[2].split(separator: "x").map { Int($0)! }) }
    var rate: Double { Double(parts[3])! }
    var stream: String { "\(name).\(parts[4])" }

    static let all = golden.keys.filter { $0.hasSuffix("/losses") }.sorted()
      .map { Case(testDescription: String($0.dropLast("/losses".count))) }
  }

  /// What three steps showed.
  private struct Steps {
    var losses: [Float] = []
    var gradients: [[Float]] = []
    var statistics: [Float] = []
  }

  @Test("losses, gradients and running statistics", arguments: 0..<KernelSet.all.count, Case.all)
  func training(set: Int, case: Case) throws {
    let kernels = KernelSet.all[set]
    let found = try train(`case`, on: kernels)
    func expected(_ part: String) throws -> [Float] {
      try #require(Self.golden["\(`case`.testDescription)/\(part)"]).values
    }
    #expect(scaledDifference(found.losses, try expected("losses")) < 1e-3)
    #expect(scaledDifference(found.statistics, try expected("statistics")) < 1e-3)
    let gradients = try expected("gradients")
    let count = gradients.count / 3
    for (step, gradient) in found.gradients.enumerated() {
      try #require(gradient.count == count)
      let distance = Self.relative(gradient, Array(gradients[step * count..<(step + 1) * count]))
      #expect(distance < 1e-3, "step \(step), \(kernels.name)")
    }
  }

  /// The root mean square of the difference over that of what is expected.
  private static func relative(_ found: [Float], _ expected: [Float]) -> Double {
    let squares = zip(found, expected).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    return (squares / expected.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
  }

  private func train(_ case: Case, on kernels: any Kernels) throws -> Steps {
    let architecture = try #require(Architecture.named(`case`.name, scheme: `case`.scheme))
    // The classifier of a VGG is too large for a test: the means of the last map's channels are scores too.
    let hasHead = !`case`.name.hasPrefix("vgg")
    let (network, parameters) = HashedNetwork.backbone(
      architecture,
      .init(bands: `case`.shape.channels, classes: hasHead ? Self.classes : nil, scheme: `case`.scheme))
    decide(parameters)
    let paths = parameters.all.map(\.path).sorted()
    let optimizer = StochasticGradientDescent(momentum: 0.9)
    var steps = Steps()
    for step in 0..<3 {
      let images = HashedValues("training.\(`case`.stream).\(step)").tensor(`case`.shape, scale: 2)
      let count = `case`.shape.batch
      let labels = HashedNetwork.targets(
        "labels.\(`case`.stream).\(step)", count: count, classes: Self.classes)
      let pass = Pass(.training, kernels: kernels)
      let features = network.features(of: Value(images), in: pass)
      let scores =
        hasHead
        ? network.scores(of: network.pooled(features, in: pass), in: pass)
        : pass.tape.channelMeans(features.last)
      let shape = scores.tensor.shape
      let plain = Tensor(kernels.plain(scores.tensor).values, shape: [count, shape[1], 1, 1])
      let loss = CrossEntropy().evaluate(probabilities: Softmax.probabilities(plain), targets: labels)
      scores.accumulate(Tensor(loss.gradient.values, shape: shape), with: kernels)
      let gradients = pass.backward()
      steps.losses.append(Float(loss.value))
      let values = Dictionary(
        uniqueKeysWithValues: gradients.map { ($0.parameter.path, kernels.plain($0.gradient).values) })
      steps.gradients.append(
        paths.flatMap { values[$0].map { HashedNetwork.sampled($0, limit: 16) } ?? [] })
      optimizer.step(gradients) { _ in `case`.rate }
    }
    steps.statistics = paths.filter { $0.contains("running_") }.flatMap {
      HashedNetwork.sampled(parameters[$0]!.tensor.values, limit: 16)
    }
    return steps
  }

  /// Every second channel well above 0 after its normalisation, the others well below; not after
  /// MobileNetV2's last convolutions, which no activation follows.
  private func decide(_ parameters: ParameterList) {
    for statistic in parameters.all where statistic.path.hasSuffix(".running_var") {
      let scope = statistic.path.dropLast("running_var".count)
      guard scope.split(separator: ".").suffix(2).first != "conv" else { continue }
      parameters["\(scope)weight"]!.tensor.mutate { values in
        for index in values.indices { values[index] *= 0.2 }
      }
      parameters["\(scope)bias"]!.tensor.mutate { values in
        for index in values.indices { values[index] += index % 2 == 0 ? 1.2 : -1.2 }
      }
    }
  }
}
