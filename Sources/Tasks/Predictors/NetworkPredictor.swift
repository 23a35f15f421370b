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

/// Test-time augmentation: a window seen as it is, mirrored either way and both ways, and the mean of what a
/// network makes of these.
private struct MirroredViews {
  private let network: any PreparedInference

  init(_ network: any PreparedInference) { self.network = network }

  /// Returns the bytes that mirrored views take beside one view's image, scores and probabilities: the window
  /// as it is, and the sum.
  static func bytes(_ network: any PreparedInference) -> Int {
    (network.inputShape.count + network.outputShape.count) * MemoryLayout<Float>.stride
  }

  private static let views = [(false, false), (false, true), (true, false), (true, true)]

  /// Returns the mean answer for a plain window `[1, C, H, W]`, plain `[1, K, H, W]`, which turns back with
  /// the window that it is for.
  ///
  /// - Parameter answers: what scores stand for.
  func answer(_ window: Tensor, _ answers: (Tensor) -> Tensor) -> Tensor {
    let share = 1 / Float(Self.views.count)
    return Tensor(shape: network.outputShape) { sum in
      sum.update(repeating: 0)
      let sum = sum.baseAddress!
      for (turnsRows, turnsColumns) in Self.views {
        let image = Tensor(shape: window.shape) { image in
          let image = image.baseAddress!
          forEachPixel(of: window, mirrored: turnsRows, turnsColumns) { image[$0] = $1 }
        }
        forEachPixel(of: answers(network(image)), mirrored: turnsRows, turnsColumns) {
          sum[$0] += share * $1
        }
      }
    }
  }

  /// Calls `body` with each value of planes `[1, C, H, W]` and the place that it has when they are mirrored.
  @inline(__always)
  private func forEachPixel(
    of planes: Tensor, mirrored turnsRows: Bool, _ turnsColumns: Bool, _ body: (Int, Float) -> Void
  ) {
    let (height, width) = (planes.shape.height, planes.shape.width)
    planes.withValues { values in
      for row in 0..<planes.shape.channels * height {
        let (plane, line) = row.quotientAndRemainder(dividingBy: height)
        let start = (plane * height + (turnsRows ? height - 1 - line : line)) * width
        for column in 0..<width {
          body(start + (turnsColumns ? width - 1 - column : column), values[row * width + column])
        }
      }
    }
  }
}
