import Chips
import Layers
import Models
import Tensors

/// A predictor that asks a network, of a window as it is or in its four mirrorings.
package struct NetworkPredictor<Task: PredictionTask>: Predictor {
  private let model: Model
  private let task: Task
  private let kernels: any Kernels
  private let seesMirrored: Bool

  /// Creates a predictor from a model, on these kernels.
  ///
  /// - Parameter seesMirrored: whether answers are means over the four mirrorings of a window, which takes
  ///   four times as long.
  package init(_ model: Model, _ task: Task, kernels: any Kernels, seesMirrored: Bool = false) {
    (self.model, self.task, self.kernels, self.seesMirrored) = (model, task, kernels, seesMirrored)
  }

  package var contract: InputContract { model.network.description.input }
  package var normalization: Normalization { Normalization(model.card) }
  package var parameterCount: Int {
    model.network.parameters.all.reduce(0) { $0 + $1.tensor.shape.count }
  }

  package func prepared(height: Int, width: Int) -> any PreparedPredictor {
    PreparedNetwork(
      network: model.prepared(height: height, width: width, on: kernels), task: task,
      seesMirrored: seesMirrored)
  }
}

/// A network that is ready for windows of one size.
private struct PreparedNetwork<Task: PredictionTask>: PreparedPredictor {
  let network: any PreparedInference
  let task: Task
  let seesMirrored: Bool

  var inputShape: Shape { network.inputShape }
  var keptBytes: Int { network.weightBytes }
  var isThreadOfItsOwn: Bool { network.isThreadOfItsOwn }

  /// The bytes of one window: beside the network's own memory the window's image, its scores and its answer.
  var windowBytes: Int {
    network.bytesPerThread
      + (network.inputShape.count + 2 * network.outputShape.count) * MemoryLayout<Float>.stride
      + (seesMirrored ? MirroredViews.bytes(network) : 0)
  }

  func packWeights() { network.packWeights() }

  func answer(_ window: Tensor) -> Tensor {
    guard seesMirrored else { return task.answers(network(window)) }
    return MirroredViews(network).answer(window, task.answers)
  }
}
