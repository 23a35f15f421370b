import Checkpoints
import Layers
import Models
import Tensors

/// The weights that a training changes: which of them at a time, and at which share of the rate.
final class TrainableWeights {
  /// The model that is trained.
  let model: Model
  private let recipe: TrainingRecipe
  private let parts: [NetworkPart]
  private let updates: LowRankUpdates?
  private var shares: [String: Double] = [:]
  private var closed: [NetworkPart] = []

  init(_ model: Model, _ recipe: TrainingRecipe) {
    (self.model, self.recipe, parts) = (model, recipe, model.network.description.parts)
    updates = recipe.lowRankOptions.map { options in
      let frozen = recipe.closed(model.network.description.parts.map(\.name))
      let open = model.network.description.parts.filter {
        $0.role == .encoder && !frozen.contains($0.name)
      }
      return LowRankUpdates(options, on: model.network.parameters, seed: recipe.seed) { parameter in
        open.contain(parameter.path)
      }
    }
    for parameter in parameters {
      shares[parameter.path] = recipe.stageRates.share(of: parameter.path, in: model.network.description)
    }
  }

  /// The roles of the parts of the network, from the input on.
  var roles: [NetworkPart.Role] { parts.map(\.role) }

  private var parameters: [Parameter] { model.network.parameters.all + (updates?.parameters.all ?? []) }

  /// Returns the parameter's share of the rate.
  func rateShare(_ parameter: Parameter) -> Double { shares[parameter.path] ?? 1 }

  /// The learned weight that is farthest from 0; not finite where any is not.
  var largest: (path: String, value: Float) {
    var found: (path: String, value: Float) = ("", 0)
    for parameter in parameters where parameter.role.isLearned && parameter.tensor.layout != .valueless {
      let value = parameter.tensor.withValues { values in
        values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : .infinity }
      }
      if value > found.value { found = (parameter.path, value) }
    }
    return found
  }

  /// Trains the last `count` parts, but for those that never train; low-rank updates train in any case.
  func open(_ count: Int) {
    let frozen = recipe.closed(parts.map(\.name))
    closed = parts.enumerated().filter { index, part in
      index < parts.count - count || frozen.contains(part.name)
    }.map(\.element)
    for parameter in model.network.parameters.all {
      parameter.isTrainable =
        parameter.role.isLearned && !closed.contain(parameter.path)
        && !(recipe.freezesNormalization && parameter.role.isOfNormalization)
    }
  }

  /// Whether nothing of the encoder trains.
  var encoderIsClosed: Bool {
    updates == nil && parts.with(.encoder).allSatisfy(closed.contains)
  }

  /// Lets `body` take running statistics anew, but for those of parts that do not train, or of all where they
  /// are `frozen`.
  func keepingClosedStatistics(frozen: Bool, _ body: () -> Void) {
    let kept = model.network.parameters.all.filter { parameter in
      !parameter.role.isLearned && (frozen || closed.contain(parameter.path))
    }.map { ($0, Tensor($0.tensor.values, shape: $0.tensor.shape)) }
    body()
    for (parameter, tensor) in kept { parameter.set(tensor) }
  }

  /// Returns a copy of every value, by path, low-rank updates included.
  func snapshot() -> [String: Tensor] {
    model.network.parameters.snapshot().merging(updates?.parameters.snapshot() ?? [:]) { own, _ in own }
  }

  /// Puts back what ``snapshot()`` gave.
  func restore(_ snapshot: [String: Tensor]) {
    model.network.parameters.restore(snapshot)
    updates?.parameters.restore(snapshot)
  }

  /// Adds low-rank updates to the weights for good.
  ///
  /// - Returns: the updates beside which the encoder's weights were as at the start, and decoder and head as
  ///   they were trained; nil where there are none.
  func merge(on kernels: any Kernels) -> PEFTAdapter? {
    guard let updates else { return nil }
    let whole = parts.filter { $0.role != .encoder }.flatMap(\.prefixes)
      .map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
    let adapter = PEFTAdapter(updates, saving: whole, of: model.network.parameters)
    updates.merge(on: kernels)
    return adapter
  }

  /// Returns the penalty on the distance from the start.
  func penalty(start: [String: Tensor]) -> StartingPointPenalty {
    let head = parts.with(.head)
    return StartingPointPenalty(
      start: start.filter { !head.contain($0.key) }, alpha: recipe.startPenalty, beta: recipe.headPenalty)
  }
}
