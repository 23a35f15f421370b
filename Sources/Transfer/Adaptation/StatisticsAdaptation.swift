import Chips
import Layers
import Models
import Tensors

/// AdaBN: replaces the running statistics of every batch normalisation by those of another domain; no weight
/// changes.
///
/// - Source: Li et al. 2016, arXiv:1603.04779, with blending for small domains.
public struct StatisticsAdaptation {
  /// The share of the new statistics; 1 replaces, less blends with what was there.
  public let blend: Double
  /// Chips in a pass.
  public let batch: Int

  /// Adaptation with a blend in `0 ... 1`.
  public init(blend: Double = 1, batch: Int = 8) { (self.blend, self.batch) = (blend, batch) }

  /// Adapts `model` to unlabelled chips.
  ///
  /// - Parameters:
  ///   - progress: gets a few words for each pass.
  ///   - warn: gets a sentence where statistics could not be taken anew.
  /// - Returns: how many chips were seen; 0 changes nothing.
  public func adapt(
    _ model: Model, to chips: ChipSet, kernels: any Kernels,
    progress: (String) -> Void = { _ in },
    warn: (String) -> Void = { _ in }
  ) -> Int {
    let count = chips.chips.count
    guard count > 0 else { return 0 }
    let before = model.network.parameters.snapshot()
    let size = min(batch, count)
    let passes = count / size
    var held = SingleValueNormalizations()
    for pass in 0..<passes {
      // Chips from all over the domain in each pass: neighbours alone would hide the variance between places.
      let input = chips.batch((0..<size).map { pass + $0 * passes }).input
      let estimation = Pass(.reestimation(pass: pass), kernels: kernels)
      _ = model.network(Value(input), in: estimation)
      held.add(estimation)
      progress("statistics \(pass + 1)/\(passes)")
    }
    if blend < 1 { mix(model, with: before) }
    if let paths = held.paths {
      warn(
        "\(paths) \(SingleValueNormalizations.sawOneValue) in chips of \(chips.size) pixels, \(size) at once: its running "
          + "statistics are those of before; more unlabelled chips, or larger ones, would tell them")
    }
    return passes * size
  }

  private func mix(_ model: Model, with before: [String: Tensor]) {
    let share = Float(blend)
    for parameter in model.network.parameters.all
    where [.runningMean, .runningVariance].contains(parameter.role) {
      before[parameter.path]!.withValues { old in
        parameter.tensor.mutate { new in
          for index in new.indices { new[index] = share * new[index] + (1 - share) * old[index] }
        }
      }
    }
  }
}
