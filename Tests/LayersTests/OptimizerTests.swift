import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Optimisers")
struct OptimizerTests {
  /// An optimiser with the settings of the reference values of that name.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let rate: Double
    let make: @Sendable () -> any Optimizer
    var testDescription: String { name }

    static let all = [
      Case(name: "sgd", rate: 0.05) { StochasticGradientDescent(momentum: 0.9, weightDecay: 0.1) },
      Case(name: "plain-sgd", rate: 0.05) { StochasticGradientDescent(momentum: 0, weightDecay: 0.1) },
      Case(name: "adamw", rate: 0.01) { AdamW(weightDecay: 0.1) },
      Case(name: "adamw-betas", rate: 0.01) {
        AdamW(weightDecay: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-4)
      },
    ]
  }

  @Test("six steps end where PyTorch's do, with decay on filters only", arguments: Case.all)
  func parity(case: Case) throws {
    let golden = try golden.get()
    let list = ParameterList()
    let scope = ParameterScope(list, seed: 0)
    let roles: [(String, Parameter.Role)] = [("weight", .weight), ("bias", .bias)]
    let parameters = roles.map { name, role in
      let parameter = scope.parameter(
        name, role, shape: golden["start.\(name)"]!.shape, initializer: .constant(0))
      parameter.set(Tensor(golden["start.\(name)"]!.values, shape: parameter.tensor.shape))
      return parameter
    }
    let optimizer = `case`.make()
    for step in 0..<6 {
      let gradients = parameters.map { parameter in
        let all = golden["gradients.\(parameter.path)"]!.values
        let count = parameter.tensor.shape.count
        return (
          parameter, Tensor(Array(all[step * count..<(step + 1) * count]), shape: parameter.tensor.shape)
        )
      }
      optimizer.step(gradients) { _ in `case`.rate }
    }
    for parameter in parameters {
      let expected = golden["\(`case`.name).\(parameter.path)"]!.values
      #expect(scaledDifference(parameter.tensor.values, expected) < 1e-6, "\(parameter.path)")
      #expect(scaledDifference(golden["start.\(parameter.path)"]!.values, expected) > 1e-2, "it moved")
    }
  }

  @Test("each parameter has a rate of its own, and one without a gradient stays", arguments: Case.all)
  func rates(case: Case) {
    let list = ParameterList()
    let scope = ParameterScope(list, seed: 1)
    let parameters = ["slow", "fast", "still"].map {
      scope.parameter($0, .bias, shape: [2], initializer: .constant(1))
    }
    let gradient = Tensor([1, -2], shape: [2])
    `case`.make().step(parameters.prefix(2).map { ($0, gradient) }) { $0.path == "slow" ? 0.001 : 0.01 }
    let moved = parameters.map { abs($0.tensor.values[0] - 1) }
    #expect(abs(moved[1] / moved[0] - 10) < 1e-2)
    #expect(parameters[2].tensor.values == [1, 1])
  }
}
