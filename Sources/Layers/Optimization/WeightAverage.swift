import Numerics
import Tensors

/// The average of a network's values over its training, which often does better than the last of them.
///
/// Parameters and running statistics are averaged alike. Statistics that fit an average of weights exactly
/// are those that a pass in the phase ``Pass/Phase/reestimation(pass:)`` finds anew, as SWA does at its end.
///
/// The first values added are the average of one; later ones are folded in as in PyTorch's `AveragedModel`
/// with `use_buffers`, in Float32.
public final class WeightAverage {
  /// The weights of the values that are added.
  public enum Kind: Hashable, Sendable {
    /// The average keeps `decay` of itself, and less in the beginning: min(decay, (1 + t) / (10 + t)) when t
    /// values have gone before.
    case exponential(decay: Double)
    /// All values count alike: stochastic weight averaging, Izmailov et al. 2018, arXiv:1803.05407.
    case uniform
  }

  private let kind: Kind
  private var averages: [String: Tensor] = [:]
  /// The number of times that values have been added.
  public private(set) var count = 0

  /// Creates an average of nothing yet; a decay is in `0 ... 1`.
  public init(_ kind: Kind) {
    if case .exponential(let decay) = kind {
      precondition((0...1).contains(decay), "the decay of an average is a share, not \(decay)")
    }
    self.kind = kind
  }

  /// Folds the present values of a network in; always the same network's.
  public func add(_ list: ParameterList) {
    for parameter in list.all {
      guard count > 0 else {
        averages[parameter.path] = Tensor(parameter.tensor.values, shape: parameter.tensor.shape)
        continue
      }
      guard let average = averages[parameter.path], average.shape == parameter.tensor.shape else {
        preconditionFailure("no average of \(parameter.path) with shape \(parameter.tensor.shape)")
      }
      fold(parameter.tensor, into: average)
    }
    count += 1
  }

  /// The share of the values that are added next in the average.
  private var share: Double {
    switch kind {
    case .uniform: 1 / Double(count + 1)
    case .exponential(let decay): 1 - min(decay, Double(1 + count) / Double(10 + count))
    }
  }

  private func fold(_ tensor: Tensor, into average: Tensor) {
    let share = Float(share)
    tensor.withValues { values in
      average.mutate { average in
        parallelChunks(average.count) { range in
          for index in range { average[index] += share * (values[index] - average[index]) }
        }
      }
    }
  }

  /// A copy of the averages by path, as ``ParameterList/restore(_:)`` takes them; empty before the first
  /// values.
  public var weights: [String: Tensor] { averages.mapValues { Tensor($0.values, shape: $0.shape) } }

  /// A copy of everything collected, with which an average goes on where another of its kind was interrupted.
  ///
  /// Keys are paths and `.average`, and `count`, `[1]`. Setting it takes the place of all that was there;
  /// tensors are copied.
  public var state: [String: Tensor] {
    get {
      var state = ["count": Tensor([Float(count)], shape: [1])]
      for (path, average) in weights { state[path + ".average"] = average }
      return state
    }
    set {
      guard let stored = newValue["count"] else { preconditionFailure("a state of an average has its count") }
      (count, averages) = (Int(stored.values[0]), [:])
      for (key, tensor) in newValue where key != "count" {
        precondition(key.hasSuffix(".average"), "\(key) is not of an average of weights")
        averages[String(key.dropLast(".average".count))] = Tensor(tensor.values, shape: tensor.shape)
      }
    }
  }
}
