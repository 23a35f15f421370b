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
      Case(name: "lars", rate: 3) { LARS(weightDecay: 0.1) },
      Case(name: "lars-without-decay", rate: 3) { LARS(momentum: 0.5, trustCoefficient: 0.01) },
      Case(name: "lamb", rate: 0.01) { LAMB(weightDecay: 0.1) },
      Case(name: "lamb-betas", rate: 0.01) {
        LAMB(weightDecay: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-4)
      },
    ]
  }

  /// A filter bank and a bias at the start of the reference values.
  private func start() throws -> [Parameter] {
    let golden = try golden.get()
    let scope = ParameterScope(ParameterList(), seed: 0)
    let roles: [(String, Parameter.Role)] = [("weight", .weight), ("bias", .bias)]
    return roles.map { name, role in
      let parameter = scope.parameter(
        name, role, shape: golden["start.\(name)"]!.shape, initializer: .constant(0))
      parameter.set(Tensor(golden["start.\(name)"]!.values, shape: parameter.tensor.shape))
      return parameter
    }
  }

  /// Takes steps along the gradients of the reference values.
  private func take(
    _ steps: Range<Int>, _ optimizer: any Optimizer, _ parameters: [Parameter], rate: Double
  ) throws {
    let golden = try golden.get()
    for step in steps {
      let gradients = parameters.map { parameter in
        let all = golden["gradients.\(parameter.path)"]!.values
        let count = parameter.tensor.shape.count
        return (
          parameter, Tensor(Array(all[step * count..<(step + 1) * count]), shape: parameter.tensor.shape)
        )
      }
      optimizer.step(gradients) { _ in rate }
    }
  }

  @Test("six steps end where PyTorch's and timm's do, with decay on filters only", arguments: Case.all)
  func parity(case: Case) throws {
    let golden = try golden.get()
    let parameters = try start()
    try take(0..<6, `case`.make(), parameters, rate: `case`.rate)
    for parameter in parameters {
      let expected = golden["\(`case`.name).\(parameter.path)"]!.values
      #expect(scaledDifference(parameter.tensor.values, expected) < 1e-6, "\(parameter.path)")
      #expect(scaledDifference(golden["start.\(parameter.path)"]!.values, expected) > 1e-2, "it moved")
    }
  }

  @Test("an optimiser goes on from the state of another to the same bits", arguments: Case.all)
  func resumption(case: Case) throws {
    let (whole, halves) = (try start(), try start())
    try take(0..<6, `case`.make(), whole, rate: `case`.rate)

    let (first, second) = (`case`.make(), `case`.make())
    try take(0..<3, first, halves, rate: `case`.rate)
    let state = first.state
    let kept = state.mapValues(\.values)
    let values = halves.map(\.tensor.values)
    try take(3..<6, first, halves, rate: `case`.rate)
    #expect(state.mapValues(\.values) == kept, "a state is a copy")

    for (parameter, values) in zip(halves, values) {
      parameter.set(Tensor(values, shape: parameter.tensor.shape))
    }
    try take(0..<1, second, try start(), rate: `case`.rate)  // what a state takes the place of
    second.state = state
    try take(3..<6, second, halves, rate: `case`.rate)
    for (one, other) in zip(whole, halves) { #expect(one.tensor.values == other.tensor.values) }
    #expect(second.state.mapValues(\.values) == first.state.mapValues(\.values))
    #expect(state.mapValues(\.values) == kept, "and stays one")
  }

  @Test("states are named by path and kind")
  func stateNames() throws {
    func names(_ optimizer: any Optimizer) throws -> [String] {
      #expect(optimizer.state.isEmpty)
      try take(0..<2, optimizer, Array(try start().prefix(1)), rate: 0.1)
      return optimizer.state.keys.sorted()
    }
    for optimizer in [StochasticGradientDescent(), LARS()] as [any Optimizer] {
      #expect(try names(optimizer) == ["weight.velocity"])
    }
    for optimizer in [AdamW(), LAMB()] as [any Optimizer] {
      #expect(try names(optimizer) == ["weight.first", "weight.second", "weight.steps"])
      #expect(optimizer.state["weight.steps"]?.values == [2])
      #expect(optimizer.state["weight.first"]?.shape == [3, 2, 3, 3])
    }
  }

  @Test(
    "a filter bank of zeros, and one without a gradient, take no part in the scaling of their layer",
    arguments: [{ LARS() }, { LAMB(weightDecay: 0) }] as [@Sendable () -> any Optimizer])
  func zeros(make: @Sendable () -> any Optimizer) {
    let scope = ParameterScope(ParameterList(), seed: 1)
    let parameters = ([0, 1] as [Float]).map {
      scope.parameter("\($0)", .weight, shape: [2, 1], initializer: .constant($0))
    }
    let gradients = [Tensor([1, -2], shape: [2, 1]), Tensor([0, 0], shape: [2, 1])]
    make().step(zip(parameters, gradients).map { ($0, $1) }) { _ in 0.1 }
    #expect(parameters[0].tensor.values.allSatisfy { abs($0) >= 0.09 && abs($0) <= 0.21 })
    #expect(parameters[1].tensor.values == [1, 1])
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
