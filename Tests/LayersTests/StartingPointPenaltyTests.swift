import Layers
import NumericOracles
import Tensors
import Testing

@Suite("The penalty on the distance from the starting point")
struct StartingPointPenaltyTests {
  private let list: ParameterList = {
    let list = ParameterList()
    let scope = ParameterScope(list, seed: 4)
    _ = scope.child("encoder").parameter("weight", .weight, shape: [3, 2, 3, 3], initializer: .xavierUniform)
    _ = scope.child("encoder").parameter("bias", .bias, shape: [3], initializer: .constant(1))
    _ = scope.child("head").parameter("weight", .weight, shape: [2, 3, 1, 1], initializer: .xavierUniform)
    return list
  }()

  /// Starting values of the encoder; the head has none.
  private var start: [String: Tensor] {
    list.snapshot().filter { $0.key.hasPrefix("encoder.") }
      .reduce(into: [:]) { $0[$1.key] = HashedValues($1.key).tensor($1.value.shape) }
  }

  private func gradients(_ value: Float) -> [(parameter: Parameter, gradient: Tensor)] {
    list.all.map { ($0, Tensor(repeating: value, shape: $0.tensor.shape)) }
  }

  @Test("is alpha / 2 |w - w0|^2 where there is a start, beta / 2 |w|^2 where there is none")
  func closedForm() {
    let start = start
    let gradients = gradients(0.5)
    let value = StartingPointPenalty(start: start, alpha: 0.2, beta: 0.03).add(to: gradients)

    let (weight, head) = (list["encoder.weight"]!.tensor.values, list["head.weight"]!.tensor.values)
    let distances = zip(weight, start["encoder.weight"]!.values).map { Double($0) - Double($1) }
    let expected =
      0.1 * distances.reduce(0) { $0 + $1 * $1 } + 0.015 * head.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(value - expected) < 1e-6 * expected)
    #expect(
      scaledDifference(gradients[0].gradient.values.map(Double.init), distances.map { 0.5 + 0.2 * $0 }) < 1e-6
    )
    #expect(gradients[1].gradient.values == [0.5, 0.5, 0.5], "a bias is free")
    #expect(
      scaledDifference(gradients[2].gradient.values.map(Double.init), head.map { 0.5 + 0.03 * Double($0) })
        < 1e-6)
  }

  @Test("the gradient is the derivative of the value", arguments: ["encoder.weight", "head.weight"])
  func derivative(path: String) {
    let penalty = StartingPointPenalty(start: start)
    let parameter = list[path]!
    let gradients = gradients(0)
    _ = penalty.add(to: gradients)
    let found = gradients.first { $0.parameter === parameter }!.gradient.values
    let values = parameter.tensor.values
    let derivatives = values.indices.map { place in
      let sides = [0.125, -0.125].map { (step: Float) -> (value: Double, at: Float) in
        parameter.tensor.mutate { $0[place] = values[place] + step }
        let side = (penalty.add(to: self.gradients(0)), parameter.tensor.values[place])
        parameter.tensor.mutate { $0[place] = values[place] }
        return side
      }
      return Float((sides[0].value - sides[1].value) / Double(sides[0].at - sides[1].at))
    }
    #expect(scaledDifference(found, derivatives) < 1e-5)
  }

  @Test("what has no gradient is left out")
  func frozen() {
    let start = start
    let penalty = StartingPointPenalty(start: start)
    let all = penalty.add(to: gradients(0))
    let headOnly = penalty.add(to: gradients(0).filter { $0.parameter.path.hasPrefix("head.") })
    #expect(headOnly > 0 && headOnly < all)
    #expect(penalty.add(to: []) == 0)
  }
}
