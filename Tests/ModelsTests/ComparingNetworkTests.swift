import CPUKernels
import Checkpoints
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// A network of two dates of which `Golden/write_comparing.py` wrote what PyTorch makes of them.
struct ComparingCase: CustomTestStringConvertible, Sendable {
  /// `<comparison>/<architecture>/<encoder>/<N>x<2 C>x<H>x<W>`.
  let key: String
  var testDescription: String { key }
  private var parts: [String] { key.split(separator: "/").map(String.init) }
  var shape: Shape { Shape(parts[3].split(separator: "x").map { Int($0)! }) }

  func network() throws -> any Network {
    let comparison = try #require(DateComparison(rawValue: parts[0]))
    let architecture = try #require(Architecture.named(parts[1], encoder: parts[2]))
    let network = architecture.network(
      bands: shape.channels / 2, comparing: comparison, classes: 5, seed: nil)
    HashedNetwork.fill(network.parameters)
    return network
  }
}

@Suite("Networks that compare two dates", .serialized)
struct ComparingNetworkTests {
  private static let golden = try! HashedNetwork.golden("comparing.safetensors")
  static let cases = golden.keys.filter { !$0.hasSuffix(".training") }.sorted().map(ComparingCase.init)

  @Test("Scores are PyTorch's, as they are, prepared, and by the statistics of the batch", arguments: cases)
  func scores(case: ComparingCase) throws {
    let (network, shape) = (try `case`.network(), `case`.shape)
    let images = HashedValues("images." + `case`.key).tensor(shape, scale: 2)
    let expected = try #require(Self.golden[`case`.key]).values
    for kernels in KernelSet.all {
      let scores = network(Value(images), in: Pass(.inference, kernels: kernels)).scores.tensor
      let found = HashedNetwork.sampled(kernels.plain(scores).values, limit: 2048)
      #expect(scaledDifference(found, expected) < 1e-4, "\(kernels.name)")
      let prepared = network.prepared(for: [1, shape.channels, shape.height, shape.width], on: kernels)
      let ready = HashedNetwork.sampled(prepared(images).values, limit: 2048)
      #expect(scaledDifference(ready, expected) < 2e-4, "prepared, \(kernels.name)")
      let trained = network(Value(images), in: Pass(.training, kernels: kernels)).scores.tensor
      let batch = HashedNetwork.sampled(kernels.plain(trained).values, limit: 2048)
      #expect(
        scaledDifference(batch, Self.golden[`case`.key + ".training"]!.values) < 2e-3,
        "training, \(kernels.name)")
      HashedNetwork.fill(network.parameters)
    }
  }

  @Test("Where nothing changed the difference says nothing, and it does not know which date came first")
  func difference() throws {
    let architecture = try #require(Architecture.named("unet", encoder: "resnet18"))
    let network = architecture.network(bands: 3, comparing: .difference, classes: 2, seed: 3)
    let (first, second) = (
      HashedValues("first").tensor([1, 3, 32, 32]), HashedValues("second").tensor([1, 3, 32, 32])
    )
    func scores(_ before: Tensor, _ after: Tensor) -> [Float] {
      let pair = Tensor(before.values + after.values, shape: [1, 6, 32, 32])
      return KernelSet.standard.plain(
        network(Value(pair), in: Pass(.inference, kernels: KernelSet.standard)).scores.tensor
      ).values
    }
    #expect(scaledDifference(scores(first, second), scores(second, first)) < 1e-6)
    #expect(scores(first, first) == scores(second, second))
    #expect(scaledDifference(scores(first, second), scores(first, first)) > 1e-3)
  }

  @Test("The encoder has the parameters of the network of one date; every architecture has all three ways")
  func parameters() throws {
    for name in Architecture.pixelNetworkNames {
      let architecture = try #require(Architecture.ofPixels.first { $0.name == name })
      let plain = architecture.network(bands: 4, classes: 2, seed: nil)
      let encoder = plain.description.parts.with(.encoder)
      func shapes(_ network: any Network) -> [String: Shape] {
        Dictionary(
          uniqueKeysWithValues: network.parameters.all.filter { parameter in
            encoder.contains { $0.contains(parameter.path) }
          }.map { ($0.path, $0.tensor.shape) })
      }
      for comparison in DateComparison.allCases {
        let network = architecture.network(bands: 4, comparing: comparison, classes: 2, seed: nil)
        #expect(network.parameters.all.map(\.path) == plain.parameters.all.map(\.path))
        if comparison != .earlyFusion { #expect(shapes(network) == shapes(plain)) }
        #expect(
          network.parameters[network.description.firstConvolution]!.tensor.shape[1]
            == (comparison == .earlyFusion ? 8 : 4))
      }
    }
  }
}
