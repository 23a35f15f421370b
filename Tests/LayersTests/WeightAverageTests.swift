import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Averages of weights")
struct WeightAverageTests {
  private static let rounds = 7
  private static let kinds: [WeightAverage.Kind] = [.uniform, .exponential(decay: 0.3)]

  /// A normalisation's parameters, to be set round by round.
  private let list: ParameterList = {
    let list = ParameterList()
    _ = BatchNormalization(channels: 4, in: ParameterScope(list, seed: 1))
    return list
  }()

  /// Puts the reference values of a round into ``list``.
  private func set(_ round: Int) throws {
    let golden = try golden.get()
    for parameter in list.all {
      let series = golden["series.\(parameter.path)"]!.values
      parameter.set(Tensor(Array(series[4 * round..<4 * round + 4]), shape: [4]))
    }
  }

  @Test("are PyTorch's, running statistics included", arguments: kinds)
  func parity(kind: WeightAverage.Kind) throws {
    let average = WeightAverage(kind)
    for round in 0..<Self.rounds {
      try set(round)
      average.add(list)
    }
    #expect(average.count == Self.rounds)
    let name = kind == .uniform ? "uniform" : "exponential"
    for parameter in list.all {
      let expected = try golden.get()["average.\(name).\(parameter.path)"]!.values
      #expect(scaledDifference(average.weights[parameter.path]!.values, expected) < 1e-6, "\(parameter.path)")
    }
    list.restore(average.weights)
    #expect(list["running_mean"]!.tensor.values == average.weights["running_mean"]!.values)
  }

  @Test("a large decay is reached slowly: the start does not outweigh what follows")
  func warmUp() throws {
    let list = ParameterList()
    let weight = ParameterScope(list, seed: 1).parameter(
      "weight", .weight, shape: [1], initializer: .constant(100))
    let average = WeightAverage(.exponential(decay: 0.999))
    average.add(list)
    weight.set(Tensor([1], shape: [1]))
    var expected = 100.0
    for count in 1..<200 {
      average.add(list)
      let keep = min(0.999, Double(1 + count) / Double(10 + count))
      expected = keep * expected + (1 - keep)
    }
    #expect(abs(Double(average.weights["weight"]!.values[0]) - expected) < 1e-4)
    #expect(expected < 1.1, "0.999^200 of the start would be left without")
  }

  @Test("go on from a state to the same bits", arguments: kinds)
  func resumption(kind: WeightAverage.Kind) throws {
    let (whole, first, second) = (WeightAverage(kind), WeightAverage(kind), WeightAverage(kind))
    var state: [String: Tensor] = [:]
    for round in 0..<Self.rounds {
      try set(round)
      whole.add(list)
      if round == 3 {
        state = first.state
        second.state = state
      }
      (round < 3 ? first : second).add(list)
    }
    #expect(second.weights.mapValues(\.values) == whole.weights.mapValues(\.values))
    #expect(second.count == Self.rounds)
    #expect(first.state.mapValues(\.values) == state.mapValues(\.values), "a state is a copy")
  }

  @Test("values that stay are their own average to the bit", arguments: kinds)
  func still(kind: WeightAverage.Kind) throws {
    let average = WeightAverage(kind)
    #expect(average.weights.isEmpty)
    try set(2)
    for _ in 0..<20 { average.add(list) }
    #expect(average.weights.mapValues(\.values) == list.snapshot().mapValues(\.values))
  }
}
