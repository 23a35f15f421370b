import CPUKernels
import Checkpoints
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("A classifier of single pixels")
struct PixelwiseClassifierTests {
  @Test(
    "a pixel's scores depend on its own bands of both dates alone", arguments: [nil] + DateComparison.allCases
  )
  func sees(comparison: DateComparison?) throws {
    let network = try #require(Architecture.named("pixelwise", encoder: "mlp"))
      .network(bands: 3, comparing: comparison, classes: 4, seed: 5)
    let shape: Shape = [1, comparison == nil ? 3 : 6, 9, 13]
    var values = HashedValues("pixels").tensor(shape, scale: 2).values
    func scores() -> [Float] {
      let pass = Pass(.inference, kernels: KernelSet.standard)
      return KernelSet.standard.plain(network(Value(Tensor(values, shape: shape)), in: pass).scores.tensor)
        .values
    }
    let before = scores()
    let pixel = 4 * 13 + 6
    values[pixel] += 1
    let changed = zip(before, scores()).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    #expect(!changed.isEmpty && changed.allSatisfy { $0 % (9 * 13) == pixel })
  }
}
