import CPUKernels
import Checkpoints
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against efficientnet_lite_pytorch in float64 with the same file, by `Golden/write_published.py`.
@Suite("Published weights give what they give in PyTorch", .serialized)
struct PublishedParityTests {
  @Test(
    "EfficientNet-Lite0: the scores of 1000 classes and the maps, at the size it was made for and an odd one",
    .enabled(if: PublishedFiles.efficientNetLite0 != nil, "\(PublishedFiles.absence)"),
    arguments: [[1, 3, 224, 224], [2, 3, 225, 301]] as [Shape])
  func efficientNetLite0(shape: Shape) throws {
    let file = try WeightsFile(contentsOf: try #require(PublishedFiles.efficientNetLite0))
    #expect(file.format == .torchLegacy)
    let found = try #require(Recognition.candidates(for: file).first)
    #expect(found.network.name == "efficientnet-lite0" && found.isExact && found.outside.isEmpty)
    #expect((found.options.bands, found.options.classes) == (3, 1000))
    let network = try found.network(from: file)
    let golden = try HashedNetwork.golden("published.safetensors")
    let name = "efficientnet-lite0-57934424.pth/" + shape.extents.map(String.init).joined(separator: "x")
    let images = Value(HashedValues("images." + name).tensor(shape, scale: 2))
    for kernels in KernelSet.all {
      let pass = Pass(.inference, kernels: kernels)
      let scores = kernels.plain(network(images, in: pass).scores.tensor)
      let expected = try #require(golden["\(name)/scores"])
      #expect(scores.shape == Shape(expected.shape.extents + [1, 1]))
      #expect(scaledDifference(scores.values, expected.values) < 2e-5, "\(kernels.name)")
      let maps = network.encoderFeatures(of: images, in: pass)
      for (map, feature) in zip(network.description.maps, maps) {
        let sample = HashedNetwork.sampled(kernels.plain(feature.tensor).values, limit: 256)
        let expected = try #require(golden["\(name)/\(map.name)"])
        #expect(scaledDifference(sample, expected.values) < 2e-5, "\(map.name), \(kernels.name)")
      }
    }
  }
}
