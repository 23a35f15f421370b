import Checkpoints
import Foundation
import Host
import Layers
import Models
import Runs
import Tensors

/// A model as a task leaves it: `model.safetensors` with its card inside, and the card beside it.
enum ModelFiles {
  static let weights = "model.safetensors"
  static let card = "card.json"

  /// The model that the dependency `index` left.
  static func read(_ context: TaskContext, input index: Int = 0) throws -> SegmentationModel {
    try SegmentationModel(contentsOf: context.file(named: weights, of: context.inputs[index]).path)
  }

  /// Writes a model into the task's directory.
  static func write(_ model: SegmentationModel, in context: TaskContext) throws {
    try model.write(to: context.directory.appendingPathComponent(weights).path)
    try RegularFile.write(
      Data((model.card.json + "\n").utf8), to: context.directory.appendingPathComponent(card).path)
  }

  /// Kernels and threads, on which the bytes of trained weights depend.
  static func trainedWith(_ kernels: any Kernels, _ context: TaskContext) -> String {
    "\(kernels.name), \(context.threads) threads"
  }

  /// Refuses a model whose bands or classes are not the pipeline's, or that has not learned these classes.
  static func check(_ card: ModelCard, fits opening: SceneOpening, path: String) throws {
    let wanted = opening.bands.map(\.name)
    guard card.bands.map(\.name) == wanted else {
      throw CheckpointError(
        .card, path: path, "the model's bands \(card.bands.map(\.name)) are not the pipeline's \(wanted)")
    }
    guard card.comparison == opening.comparison else {
      let way = { (comparison: DateComparison?) in
        comparison.map { "compares two dates (\($0.rawValue))" } ?? "sees one date"
      }
      throw CheckpointError(
        .card, path: path,
        "the model \(way(card.comparison)), the pipeline's network \(way(opening.comparison))")
    }
    guard card.classes == opening.classes else {
      throw CheckpointError(
        .card, path: path,
        "the model's classes \(card.classes.map(\.name)) are not the pipeline's \(opening.classes.map(\.name))"
      )
    }
    guard card.hasTrainedHead else {
      throw CheckpointError(
        .card, path: path,
        "the model has not learned the classes \(card.classes.map(\.name).joined(separator: ", ")) yet: fine-tune it, "
          + "or load weights that were trained on them")
    }
  }
}
