import Checkpoints
import Chips
import Foundation
import Layers
import Models
import Rasters
import Tensors
import Transfer

/// Times a U-Net over ResNet-18 with 13 bands and 6 classes.
struct NetworkBenchmark {
  private let card: ModelCard
  private let model: SegmentationModel

  init() throws {
    card = ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: SyntheticScene.sensor.name,
      bands: SyntheticScene.sensor.bands.map {
        .init(name: $0.name, wavelength: $0.wavelength, mean: 0.2, deviation: 0.1)
      },
      classes: (1...6).map { .init(value: UInt8($0), name: "class \($0)") })
    model = try SegmentationModel(card: card, seed: 1)
  }

  /// The forward pass alone, in megapixels a second.
  func measureForward() {
    let (batch, side) = (8, 256)
    var random = RandomSource(seed: 2, stream: "forward")
    let shape: Shape = [batch, card.bands.count, side, side]
    let input = Tensor((0..<shape.count).map { _ in Float(random.uniform()) }, shape: shape)
    let rate = Rate(rounds: 5, amount: Double(batch * side * side) / 1e6) {
      let pass = Pass(.inference)
      _ = pass.tape.kernels.plain(model.network(Value(input), in: pass).scores.tensor)
    }
    print(rate.line("forward, \(batch) chips of \(side) x \(side)", unit: "Mpx/s"))
    let prepared = model.prepared(height: side, width: side)
    let fast = Rate(rounds: 5, amount: Double(batch * side * side) / 1e6) { _ = prepared(input) }
    print(fast.line("prepared, \(batch) chips of \(side) x \(side)", unit: "Mpx/s"))
  }

  /// The whole window loop over a file: read, normalise, compute, blend.
  func measureWindows() throws {
    let scene = try SyntheticScene(side: 1024)
    defer { scene.remove() }
    let sliding = SlidingInference(.init(window: 512, overlap: 64, blend: .hann, memory: 2 << 30))
    let pixels = Double(scene.grid.width * scene.grid.height)
    let rate = try Rate(rounds: 3, amount: pixels / 1e6) {
      _ = try sliding.run(
        model, grid: scene.grid, open: { try scene.open() }, sink: { _ in }, progress: { _, _ in },
        isCancelled: { false })
    }
    print(
      rate.line("windows of 512 with overlap 64 over a file of 1024 x 1024, read and blended", unit: "Mpx/s"))
  }

  /// One pass of fine-tuning over a scene, in chips a second.
  func measureTraining() throws {
    let (side, chip) = (512, 128)
    let scene = try SyntheticScene(side: side)
    defer { scene.remove() }
    let labels = (0..<side * side).map { UInt8(($0 / side / 64 + $0 % side / 64) % 6) }
    let pixels = try scene.open().read(scene.grid.bounds)
    let chips = ChipSet(
      [
        LabelledRegion(
          window: scene.grid.bounds, pixels: pixels, labels: labels, ground: Ground(of: try scene.open()))
      ],
      normalization: Normalization(card), size: chip, stride: chip)
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs) = (.full, 1)
    let counts = (0..<6).map { index in labels.count { $0 == UInt8(index) } }
    let rate = try Rate(rounds: 3, amount: Double(chips.chips.count)) {
      var loop = TrainingLoop(recipe, model: model, material: .init(training: chips, labelCounts: counts))
      _ = try loop.run(progress: { _ in }, isCancelled: { false })
    }
    print(rate.line("training, batches of \(recipe.batch) chips of \(chip) x \(chip)", unit: "chips/s"))
  }
}
