import Checkpoints
import Foundation
import Tensors

/// The state of a training between two steps: everything that the following steps depend on, besides the
/// recipe and the chips.
struct TrainingState {
  /// The part that is text in a file.
  struct Progress: Codable {
    var phase = 0
    /// Within the phase.
    var epoch = 0
    /// Within the pass.
    var step = 0
    /// The sum of the losses of the pass's steps.
    var lossSum = 0.0
    /// The position of the chips' random numbers when the pass began.
    var chipNumbers: UInt64
    /// The position of the random numbers of dropout and stochastic depth.
    var noiseNumbers: UInt64
    var history: [TrainingLoop.Epoch] = []
    var bestScore: Double?
    var passesSinceBest = 0
    var course = TrainingCourse()
    var snapshots = 0
    /// What the steps taken so far have given to say; nil in a file of terrane 0.1.
    var warnings: [String]?
    /// The normalisations whose statistics batches held; nil likewise.
    var held: SingleValueNormalizations?
  }

  /// Values by path.
  typealias Weights = [String: Tensor]

  var progress: Progress
  /// The weights with the best validation score so far.
  var best: Weights?
  /// The weights at the start, for L2-SP and WiSE-FT.
  var start: Weights?
  /// The weights at the ends of cycles.
  var snapshots: [Weights] = []

  private static let key = "terrane.training"
  private static let identityKey = "terrane.training.identity"

  /// Returns the state with the weights, and what optimiser, average and domain method keep, as a file.
  ///
  /// - Parameter identity: what must be the same for the training to go on to the same bytes.
  func file(
    weights: Weights, optimizer: Weights, average: Weights, adaptation: Weights, identity: String
  ) throws -> Safetensors {
    var tensors: Weights = [:]
    func add(_ part: String, _ values: Weights) {
      for (path, tensor) in values { tensors["\(part)/\(path)"] = tensor }
    }
    add("weights", weights)
    add("optimizer", optimizer)
    add("average", average)
    add("adaptation", adaptation)
    add("best", best ?? [:])
    add("start", start ?? [:])
    for (index, snapshot) in snapshots.enumerated() { add("snapshot \(index)", snapshot) }
    let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
    return Safetensors(tensors: tensors, metadata: [Self.key: text, Self.identityKey: identity])
  }

  /// Reads a file that ``file(weights:optimizer:average:adaptation:identity:)`` wrote; nil where it is
  /// damaged or of another training.
  static func read(_ file: WeightsFile, identity: String) -> (
    state: TrainingState, weights: Weights, optimizer: Weights, average: Weights, adaptation: Weights
  )? {
    guard file.metadata[identityKey] == identity, let text = file.metadata[key],
      let progress = try? JSONDecoder().decode(Progress.self, from: Data(text.utf8))
    else { return nil }
    var parts: [String: Weights] = [:]
    for entry in file.entries {
      guard let slash = entry.name.firstIndex(of: "/"), let tensor = try? file.tensor(entry.name) else {
        return nil
      }
      parts[String(entry.name[..<slash]), default: [:]][String(entry.name[slash...].dropFirst())] = tensor
    }
    var state = TrainingState(progress: progress)
    (state.best, state.start) = (parts["best"], parts["start"])
    let snapshots = (0..<progress.snapshots).compactMap { parts["snapshot \($0)"] }
    guard let weights = parts["weights"], snapshots.count == progress.snapshots else { return nil }
    state.snapshots = snapshots
    return (state, weights, parts["optimizer"] ?? [:], parts["average"] ?? [:], parts["adaptation"] ?? [:])
  }
}
