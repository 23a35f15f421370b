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
    let found = sum.mean(clippedTo: nil).flatMap { $0.gradient.values.map(Double.init) }
    #expect(scaledDifference(found, mean(names)) < 1e-6)
    #expect(sum.meanLoss == Double(count - 1) / 2)
  }

  @Test("keep their direction and get the norm asked for, where theirs is larger", arguments: [0.1, 1, 1000])
  func clipping(limit: Double) {
    var sum = GradientSum()
    for name in ["a", "b"] { sum.add(term(name, loss: 0)) }
    let found = sum.mean(clippedTo: limit).flatMap { $0.gradient.values.map(Double.init) }
    let expected = mean(["a", "b"])
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let factor = min(1, limit / (norm(expected) + 1e-6))
    #expect(scaledDifference(found, expected.map { $0 * factor }) < 1e-6)
    #expect(norm(found) <= limit)
  }

  @Test("that are not finite are left as they are")
  func notFinite() {
    var sum = GradientSum()
    sum.add((.nan, [(parameters[1], Tensor([.nan, 1, 2], shape: [3]))]))
    #expect(Array(sum.mean(clippedTo: 1)[0].gradient.values[1...]) == [1, 2])
  }
}
