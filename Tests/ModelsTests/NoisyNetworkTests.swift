import CPUKernels
import Layers
import Models
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Training noise in networks", .serialized)
struct NoisyNetworkTests {
  private static let shape: Shape = [2, 3, 64, 64]
  private static let images = HashedValues("images").tensor(shape, scale: 2)

  private static func source(_ seed: UInt64 = 1) -> RandomSource { RandomSource(seed: seed, stream: "noise") }

  private static func pass(
    dropout: Float = 0, depth: Float = 0, random: RandomSource = source(),
    on kernels: any Kernels = KernelSet.standard
  ) -> Pass {
    let noise = TrainingNoise(dropout: dropout, stochasticDepth: depth, random: random)
    return Pass(.training, kernels: kernels, noise: noise)
  }

  private static func plain(_ value: Value) -> [Float] { KernelSet.standard.plain(value.tensor).values }

  /// A backbone and how many of its branches can be dropped: the first block's never are.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let scheme: NamingScheme
    let branches: Int
    var testDescription: String { name }

    static let all = [
      Case(name: "resnet18", scheme: .torchvision, branches: 7),
      Case(name: "resnet50", scheme: .torchvision, branches: 15),
      // Of 17 blocks ten have a shortcut, the first has none.
      Case(name: "mobilenet_v2", scheme: .torchvision, branches: 10),
      Case(name: "efficientnet-b0", scheme: .smp, branches: 9),
      Case(name: "convnext_tiny", scheme: .torchvision, branches: 17),
      Case(name: "swin_v2_t", scheme: .torchvision, branches: 22),
      Case(name: "vit_small_patch16_224", scheme: .timm, branches: 22),
    ]

    func network() throws -> (network: any Encoder, parameters: ParameterList) {
      let architecture = try #require(Architecture.named(name, scheme: scheme))
      return HashedNetwork.backbone(architecture, .init(bands: 3, scheme: scheme))
    }
  }

  @Test(
    "each branch beside a shortcut is dropped by a draw an image, in an order that repeats",
    arguments: Case.all)
  func order(case: Case) throws {
    let network = try `case`.network().network
    func last(_ pass: Pass) -> [Float] {
      Self.plain(network.features(of: Value(Self.images), in: pass).last)
    }
    let pass = Self.pass(depth: 0.5)
    var random = Self.source()
    for _ in 0..<`case`.branches * 2 { _ = random.next() }
    // The same bytes are those of the same number of threads, which other tests change meanwhile.
    let (first, again, other, without, plain) = computing(threads: 2) {
      (
        last(pass), last(Self.pass(depth: 0.5)), last(Self.pass(depth: 0.5, random: Self.source(2))),
        last(Self.pass(depth: 0)), last(Pass(.training, kernels: KernelSet.standard))
      )
    }
    #expect(pass.noise!.random.next() == random.next())
    #expect(again == first)
    #expect(other != first)
    #expect(without == plain)
  }

  /// Along the gradient itself, over which the mean of the last map is nearly linear; another draw would
  /// change it by far more.
  @Test("gradients are the derivatives of the pass with its noise", arguments: Case.all)
  func derivatives(case: Case) throws {
    let (network, parameters) = try `case`.network()
    // Statistics of a batch of 2 x 2 pixels would bend everything.
    for parameter in parameters.all where parameter.role == .normScale { parameter.isTrainable = false }
    let kernels = KernelSet.standard
    var spread = 0.0
    func run(_ body: (Pass, Value) -> Void = { _, _ in }) -> Double {
      let pass = Self.pass(depth: 0.5, random: Self.source(4), on: kernels)
      let output = network.features(of: Value(Self.images), in: pass).last
      let factors = HashedValues("factors").tensor(output.tensor.shape)
      body(pass, output)
      let values = Self.plain(output)
      spread = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return zip(values, factors.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var gradients: [(parameter: Parameter, gradient: Tensor)] = []
    _ = run { pass, output in
      output.accumulate(HashedValues("factors").tensor(output.tensor.shape), with: kernels)
      gradients = pass.backward().map { ($0.parameter, kernels.plain($0.gradient)) }
    }
    let norm = gradients.reduce(0.0) { sum, term in
      term.gradient.values.reduce(sum) { $0 + Double($1) * Double($1) }
    }.squareRoot()
    let before = parameters.snapshot()
    func value(at step: Double) -> Double {
      parameters.restore(before)
      for (parameter, gradient) in gradients {
        let gradient = gradient.values
        parameter.tensor.mutate { values in
          for index in values.indices { values[index] += Float(step / norm) * gradient[index] }
        }
      }
      return run()
    }
    // As far as changes the map by a hundredth.
    let step = 0.01 * spread / norm
    let derivative = (value(at: step) - value(at: -step)) / (2 * step)
    #expect(abs(derivative / norm - 1) < 0.02, "\(derivative) against \(norm)")
  }

  @Test("the last block, nearly always dropped, counts for nothing but its shortcut")
  func shortcut() throws {
    let (network, parameters) = try Case.all[0].network()
    func last(_ depth: Float) -> [Float] {
      Self.plain(network.features(of: Value(Self.images), in: Self.pass(depth: depth)).last)
    }
    let (dropped, usual) = (last(0.999_999), last(0))
    for name in ["weight", "bias"] {
      parameters["layer4.1.bn2.\(name)"]!.tensor.mutate { $0.update(repeating: 0) }
    }
    #expect(last(0.999_999) == dropped)
    #expect(last(0) != usual)
  }

  @Test(
    "dropout is between features and head",
    arguments: [
      ("unet", "resnet18"), ("fcn", "resnet50"), ("deeplabv3", "mobilenet_v3_large"),
      ("deeplabv3plus", "resnet18"), ("fpn", "resnet18"),
    ])
  func dropout(name: String, encoder: String) throws {
    let architecture = try #require(Architecture.named(name, encoder: encoder))
    let network = architecture.network(bands: 3, classes: 4, seed: nil)
    HashedNetwork.fill(network.parameters)
    func run(_ pass: Pass) -> (features: [Float], scores: [Float]) {
      let output = network(Value(Self.images), in: pass)
      return (Self.plain(output.features), Self.plain(output.scores))
    }
    let (usual, noisy) = (run(Pass(.training, kernels: KernelSet.standard)), run(Self.pass(dropout: 0.3)))
    #expect(noisy.features == usual.features)
    #expect(scaledDifference(noisy.scores, usual.scores) > 1e-2)
    #expect(run(Self.pass()).scores == usual.scores)
    let noise = TrainingNoise(dropout: 0.3, stochasticDepth: 0.3, random: Self.source())
    #expect(
      run(Pass(.reestimation(pass: 0), kernels: KernelSet.standard, noise: noise)).scores
        == run(Pass(.reestimation(pass: 0), kernels: KernelSet.standard)).scores)
  }

  @Test("the mean of a linear head's scores over many draws is its score without dropout")
  func expectation() {
    let network = HashedNetwork.unet(.eighteen, bands: 3, classes: 4)
    let images = HashedValues("images").tensor([2, 3, 32, 32], scale: 2)
    func scores(_ pass: Pass) -> [Float] { Self.plain(network(Value(images), in: pass).scores) }
    let (usual, pass, draws) = (
      scores(Pass(.training, kernels: KernelSet.standard)), Self.pass(dropout: 0.3), 100
    )
    var sums = Array(repeating: 0.0, count: usual.count)
    var single = 0.0
    for _ in 0..<draws {
      let noisy = scores(pass)
      single += scaledDifference(noisy, usual) / Double(draws)
      for (index, value) in noisy.enumerated() { sums[index] += Double(value) / Double(draws) }
    }
    // The error of the mean falls with the root of the draws.
    #expect(scaledDifference(sums, usual.map(Double.init)) < 0.25 * single)
  }

  @Test("a network in bf16 trains with noise", .enabled(if: KernelSet.bfloat16 != nil))
  func bfloat16() throws {
    let kernels = try #require(KernelSet.bfloat16)
    let network = HashedNetwork.unet(.eighteen, bands: 3, classes: 4)
    func run(_ kernels: any Kernels) -> (scores: [Float], gradients: Int) {
      let pass = Self.pass(dropout: 0.3, depth: 0.3, on: kernels)
      let scores = network(Value(Self.images), in: pass).scores
      scores.accumulate(HashedValues("gradient").tensor(scores.tensor.shape), with: kernels)
      return (kernels.plain(scores.tensor).values, pass.backward().count)
    }
    let (rounded, exact) = (run(kernels), run(KernelSet.standard))
    #expect(scaledDifference(rounded.scores, exact.scores) < 0.1)
    #expect(rounded.gradients == exact.gradients)
  }
}
