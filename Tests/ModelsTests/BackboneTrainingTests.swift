import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Some steps of a network of each family against PyTorch in float64, asked to be about as close to it as PyTorch in float32 is:
/// see `Golden/write_backbone_training.py`.
@Suite("Training steps of backbones are those of PyTorch", .serialized)
struct BackboneTrainingTests {
  private static let golden = try! HashedNetwork.golden("training-backbones.safetensors")
  private static let classes = 5

  struct Case: CustomTestStringConvertible, Sendable {
    /// `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<rate>/<steps>`.
    let testDescription: String
    private var parts: [String] { testDescription.split(separator: "/").map(String.init) }
    var scheme: NamingScheme { NamingScheme(rawValue: parts[0])! }
    var name: String { parts[1] }
    var shape: Shape { Shape(parts[2].split(separator: "x").map { Int($0)! }) }
    var rate: Double { Double(parts[3])! }
    var steps: Int { Int(parts[4])! }

    static let all = golden.keys.filter { $0.hasSuffix("/losses") }.sorted()
      .map { Case(testDescription: String($0.dropLast("/losses".count))) }
  }

  @Test(
    "losses, and how far parameters and running statistics go", arguments: 0..<KernelSet.all.count, Case.all)
  func training(set: Int, case: Case) throws {
    let architecture = try #require(BackboneArchitecture.named(`case`.name, scheme: `case`.scheme))
    // The classifier of a VGG is too large for a test: the means of the last map's channels are scores too.
    let hasHead = !`case`.name.hasPrefix("vgg")
    let options = BackboneOptions(
      bands: `case`.shape.channels, classes: hasHead ? Self.classes : nil, scheme: `case`.scheme)
    let (network, parameters) = HashedNetwork.backbone(architecture, options)
    let start = parameters.snapshot()
    let kernels = KernelSet.all[set]
    let losses = train(network, hasHead: hasHead, `case`, on: kernels)
    let key = `case`.testDescription
    let single = Self.golden["\(key)/single"]!.values.map(Double.init)
    #expect(
      scaledDifference(losses.map(Float.init), Self.golden["\(key)/losses"]!.values)
        < max(1e-3, 4 * single[0]))
    var distances: [Double] = []
    for (name, expected) in Self.golden where name.hasPrefix(key) {
      let path = String(name.dropFirst(key.count + 1))
      guard path != "losses" && path != "single" else { continue }
      let after = try #require(parameters[path], "\(path)").tensor.values
      let change = zip(after, start[path]!.values).map { $0 - $1 }
      let distance = Self.relative(HashedNetwork.sampled(change, limit: 48), expected.values)
      #expect(distance < max(1e-2, 4 * single[2]), "\(path)")
      distances.append(distance)
    }
    // Plain sums are as close as PyTorch's; Winograd's transforms round more, and that turns over another ReLU here and there.
    let bound = set == 0 ? max(1e-3, 2 * single[1]) : max(1e-2, 8 * single[1])
    #expect(distances.sorted()[distances.count / 2] < bound, "\(kernels.name)")
  }

  /// The root mean square of the difference over that of what is expected.
  private static func relative(_ found: [Float], _ expected: [Float]) -> Double {
    let squares = zip(found, expected).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    return (squares / expected.reduce(0.0) { $0 + Double($1 * $1) }).squareRoot()
  }

  private func train(_ network: any Backbone, hasHead: Bool, _ case: Case, on kernels: any Kernels)
    -> [Double]
  {
    let optimizer = StochasticGradientDescent(momentum: 0.9)
    return (0..<`case`.steps).map { step in
      let images = HashedValues("training.\(`case`.name).\(step)").tensor(`case`.shape, scale: 2)
      let count = `case`.shape.batch
      let labels = HashedNetwork.targets(
        "labels.\(`case`.name).\(step)", count: count, classes: Self.classes)
      let pass = Pass(.training, kernels: kernels)
      let last = network.features(of: Value(images), in: pass).last!
      let means = pass.tape.channelMeans(last)
      let scores = hasHead ? network.scores(of: last, in: pass) : means
      let shape = scores.tensor.shape
      let plain = Tensor(kernels.plain(scores.tensor).values, shape: [count, shape[1], 1, 1])
      let loss = CrossEntropy().evaluate(probabilities: Softmax.probabilities(plain), targets: labels)
      scores.accumulate(Tensor(loss.gradient.values, shape: shape), with: kernels)
      optimizer.step(pass.backward()) { _ in `case`.rate }
      return loss.value
    }
  }
}
