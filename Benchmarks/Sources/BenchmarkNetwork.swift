import Checkpoints
import Classes
import Foundation
import Models
import Numerics
import Rasters
import Scenes
import Tensors

/// The U-Net of the benchmarks, 6 classes, and its weights as a file for the peers.
struct BenchmarkNetwork {
  let encoder: String
  let model: Model
  let weights: URL

  init(encoder: String, bands: Int = 13, in folder: URL) throws {
    self.encoder = encoder
    var card = ModelCard(
      architecture: "unet", encoder: encoder, sensor: SyntheticScene.sensor.name,
      bands: SyntheticScene.sensor.bands.prefix(bands).map {
        .init(name: $0.name, wavelength: $0.wavelength, mean: 0.2, deviation: 0.1)
      },
      classes: (1...6).map { .init(value: UInt8($0), name: "class \($0)") })
    card.hasTrainedHead = true
    model = try Model(card: card, seed: 1)
    weights = folder.appendingPathComponent("\(encoder)-\(bands).safetensors")
    try model.write(to: weights.path)
  }

  /// The same weights again, to be changed.
  func copy() throws -> Model { try Model(contentsOf: weights.path) }

  /// Uniform values, in a file for the peers too.
  static func input(batch: Int, side: Int, in folder: URL) throws -> (tensor: Tensor, file: URL) {
    var random = RandomSource(seed: 2, stream: "input")
    let shape: Shape = [batch, 13, side, side]
    let tensor = Tensor((0..<shape.count).map { _ in Float(2 * random.uniform() - 1) }, shape: shape)
    let file = folder.appendingPathComponent("input-\(batch)x\(side).safetensors")
    try Safetensors(tensors: ["input": tensor]).write(to: file.path)
    return (tensor, file)
  }
}
