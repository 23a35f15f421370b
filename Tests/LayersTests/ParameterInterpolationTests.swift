import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Interpolation between a start and what was learned")
struct ParameterInterpolationTests {
  @Test("is linear in every value, running statistics included", arguments: [0, 0.25, 0.5, 1])
  func linear(share: Double) {
    let list = SmallNetwork(seed: 1).parameters
    let start = list.snapshot()
    for parameter in list.all {
      parameter.set(HashedValues(parameter.path).tensor(parameter.tensor.shape))
    }
    let end = list.snapshot()
    list.interpolate(from: start, share: share)
    for parameter in list.all {
      let expected = zip(start[parameter.path]!.values, end[parameter.path]!.values)
        .map { (1 - share) * Double($0) + share * Double($1) }
      #expect(
        scaledDifference(parameter.tensor.values.map(Double.init), expected) < 1e-7, "\(parameter.path)")
    }
    if share == 0 || share == 1 {
      #expect(list.snapshot().mapValues(\.values) == (share == 0 ? start : end).mapValues(\.values))
    }
  }
}
