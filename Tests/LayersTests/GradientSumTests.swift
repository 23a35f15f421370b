import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Gradients of several batches")
struct GradientSumTests {
  private let parameters: [Parameter] = {
    let list = ParameterList()
    let scope = ParameterScope(list, seed: 1)
    _ = scope.parameter("weight", .weight, shape: [3, 2, 1, 1], initializer: .constant(0))
    _ = scope.parameter("bias", .bias, shape: [3], initializer: .constant(0))
    return list.all
  }()

  private func term(_ name: String, loss: Double) -> GradientSum.Term {
    (loss, parameters.map { ($0, HashedValues(name + $0.path).tensor($0.tensor.shape)) })
  }

  /// Values computed here in Double, in another order.
  private func mean(_ names: [String]) -> [Double] {
    parameters.flatMap { parameter in
      let values = names.map { HashedValues($0 + parameter.path).tensor(parameter.tensor.shape).values }
      return (0..<parameter.tensor.shape.count).map { place in
        values.reduce(0) { $0 + Double($1[place]) } / Double(names.count)
      }
    }
  }

  @Test("are averaged, and so are the losses", arguments: 1...4)
  func average(count: Int) {
    let names = (0..<count).map { "batch \($0)" }
    var sum = GradientSum()
    for (index, name) in names.enumerated() { sum.add(term(name, loss: Double(index))) }
    let found = sum.mean().flatMap { $0.gradient.values.map(Double.init) }
    #expect(scaledDifference(found, mean(names)) < 1e-6)
    #expect(sum.meanLoss == Double(count - 1) / 2)
  }
}
