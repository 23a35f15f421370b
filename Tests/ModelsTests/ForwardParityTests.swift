import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against segmentation_models_pytorch in float64, whose own float32 is within 4e-6 of it.
@Suite("Scores of a U-Net are those of PyTorch")
struct ForwardParityTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let encoder: ResNet.Depth
    let shape: Shape
    var testDescription: String {
      "\(encoder.rawValue).\(shape.channels).\(shape.batch)x\(shape.height)x\(shape.width)"
    }

    static let all = [
      Case(encoder: .eighteen, shape: [1, 6, 64, 64]), Case(encoder: .eighteen, shape: [2, 13, 64, 64]),
      Case(encoder: .thirtyFour, shape: [1, 13, 64, 64]), Case(encoder: .thirtyFour, shape: [1, 6, 33, 47]),
      Case(encoder: .eighteen, shape: [1, 6, 225, 301]),
      Case(encoder: .thirtyFour, shape: [1, 13, 225, 301]), Case(encoder: .fifty, shape: [1, 13, 64, 96]),
    ]
  }

  @Test("from the same weights, at even and odd sizes", arguments: 0..<KernelSet.all.count, Case.all)
  func scores(set: Int, case: Case) throws {
    let (kernels, name) = (KernelSet.all[set], `case`.testDescription)
    let network = HashedNetwork.unet(`case`.encoder, bands: `case`.shape.channels, classes: 5)
    let chips = HashedValues("chips.\(name)").tensor(`case`.shape, scale: 2)
    let scores = network(Value(chips), in: Pass(.inference, kernels: kernels)).scores.tensor
    let expected = try #require(try HashedNetwork.golden("forward.safetensors")[name]).values
    let found = HashedNetwork.sampled(kernels.plain(scores).values, limit: 2048)
    #expect(scaledDifference(found, expected) < 1e-4, "\(kernels.name)")
  }
}
