import CPUKernels
import Checkpoints
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against ONNX Runtime with the same file, by `Golden/write_published_graphs.py`.
@Suite("Published graphs give what they give in ONNX Runtime", .serialized)
struct PublishedGraphTests {
  @Test(
    "the cloud masks of ukis-csmask: scores, and the class of every pixel",
    .enabled(if: PublishedFiles.cloudMask("6b_l2a") != nil, "\(PublishedFiles.absence)"),
    arguments: [("4b_l1c", 4), ("6b_l2a", 6)])
  func cloudMask(model: String, bands: Int) throws {
    let file = try WeightsFile(contentsOf: try #require(PublishedFiles.cloudMask(model)))
    #expect(file.format == .onnx)
    let found = try #require(Recognition.candidates(for: file).first)
    #expect(found.network.description == "unet with efficientnet-b4" && found.isExact)
    #expect((found.options.bands, found.options.classes) == (bands, 3))
    #expect(PublishedCard.likely(for: [found]).allSatisfy { $0.name.hasPrefix("ukis-csmask-\(bands)b") })
    let network = try found.network(from: file)
    let golden = try HashedNetwork.golden("published-graphs.safetensors")
    let name = "model_\(model).onnx"
    let images = Value(HashedValues("images." + name).tensor([1, bands, 256, 256], scale: 2))
    let kernels = KernelSet.standard
    let scores = kernels.plain(
      network(images, in: Pass(.inference, kernels: kernels)).scores.tensor
    ).values
    let expected = try #require(golden["\(name)/scores"])
    #expect(scaledDifference(HashedNetwork.sampled(scores, limit: 4096), expected.values) < 5e-5)
    let classes = try #require(golden["\(name)/classes"])
    var equal = 0
    for row in 0..<classes.shape[0] {
      for column in 0..<classes.shape[1] {
        let place = 7 * row * 256 + 7 * column
        let best = (0..<3).max { scores[$0 * 65_536 + place] < scores[$1 * 65_536 + place] }
        equal += Float(best!) == classes.values[row * classes.shape[1] + column] ? 1 : 0
      }
    }
    #expect(Double(equal) >= 0.999 * Double(classes.shape.count))
  }
}
