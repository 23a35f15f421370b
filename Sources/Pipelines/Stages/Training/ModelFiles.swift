import Checkpoints
import Classes
import Foundation
import Host
import Layers
import Models
import Products
import Runs
import Tasks
import Tensors

/// A model as a job leaves it: its weights with their card inside, and the card beside them.
enum ModelFiles {
  /// The file of the weights, with their card inside.
  static let weights = Layer("model", file: "model.safetensors", .model)
  private static let card = Layer("card", file: "card.json", .document)

  /// Reads the model that the dependency `index` left.
  static func read(_ context: JobContext, input index: Int = 0) throws -> Model {
    let path = try context.layer("model", of: context.inputs[index]) { $0 == .model }.path
    let model = try Model(contentsOf: path)
    _ = try TaskCatalogue.task(of: model.card, path: path)
    return model
  }

  /// Returns the SHA-256 of the weights that the first dependency left.
  static func digest(_ context: JobContext) throws -> String? {
    let input = context.inputs[0]
    let path = try context.layer("model", of: input) { $0 == .model }.path
    return input.files.first { context.output.appendingPathComponent($0.path).path == path }?.sha256
  }

  /// Writes a model into the job's directory.
  ///
  /// - Returns: its files.
  static func write(_ model: Model, in context: JobContext) throws -> [Layer] {
    try model.write(to: context.directory.appendingPathComponent(weights.file).path)
    try RegularFile.write(
      Data((model.card.json + "\n").utf8), to: context.directory.appendingPathComponent(card.file).path)
    return [weights, card]
  }

  /// Returns the kernels and threads on which the bytes of trained weights depend.
  static func trainedWith(_ kernels: any Kernels, _ context: JobContext) -> String {
    "\(kernels.name), \(context.threads) threads"
  }

  /// Refuses a model whose bands or classes are not the pipeline's, or that has not learned these classes.
  static func check(_ card: ModelCard, fits opening: SceneOpening, path: String) throws {
    let wanted = opening.bands.map(\.name)
    guard card.bands.map(\.name) == wanted else {
      throw CheckpointError(
        .card, path: path, "the model's bands \(card.bands.map(\.name)) are not the pipeline's \(wanted)")
    }
    guard card.task == opening.taskName else {
      throw CheckpointError(
        .card, path: path, "the model's task is \(card.task), the pipeline's \(opening.taskName)")
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
