import CPUKernels
import Checkpoints
import Classes
import Layers
import Mapping
import Models
import Rasters
import Scenes
import Synchronization
import Tasks
import Tensors
import TestRasters
import Testing

/// A classifier that scores every image alike: weights of zero, the head's offsets as given.
private func constantClassifier(bands: Int, scores: [Float]) throws -> Model {
  var card = card(bands: bands, classes: scores.count)
  (card.architecture, card.encoder, card.task) = ("classifier", "resnet18", SceneClassification.name)
  let model = try Model(card: card, seed: 0)
  for parameter in model.network.parameters.all {
    parameter.set(
      parameter.path == "fc.bias"
        ? Tensor(scores, shape: [scores.count]) : Tensor(repeating: 0, shape: parameter.tensor.shape))
  }
  return model
}

@Suite("Slides with one answer a window")
struct ChipSlideTests {
  private func chips(_ scene: SyntheticScene, window: Int, memory: Int = 1 << 30) throws
    -> (chips: [ChipAnswer], pixels: Int)
  {
    let model = try constantClassifier(bands: 1, scores: [0, 2, 1])
    let task = SceneClassification(classes: 3)
    let gathered = Mutex<[ChipAnswer]>([])
    let pixels = try SlidingInference(.init(window: window, overlap: 0, blend: .hann, memory: memory)).run(
      task, by: NetworkPredictor(model, task, kernels: KernelSet.standard), grid: scene.grid,
      blocks: StoredBlocks(width: scene.grid.width, height: 1, extent: scene.grid.width, bytesPerPixel: 4),
      open: scene.open, sink: { part in gathered.withLock { $0 += part.chips } }, progress: { _, _ in },
      isCancelled: { false })
    return (gathered.withLock { $0 }, pixels)
  }

  @Test("Windows lie side by side, the last of a row or column moved back to the scene's end")
  func places() throws {
    let scene = try SyntheticScene(width: 150, height: 100, bands: 1) { _, row, column in
      Float(row + column)
    }
    let (chips, pixels) = try chips(scene, window: 64)
    #expect(chips.map(\.window.column) == [0, 64, 86, 0, 64, 86])
    #expect(chips.map(\.window.row) == [0, 0, 0, 36, 36, 36])
    #expect(chips.map(\.row) == [0, 0, 0, 1, 1, 1] && chips.map(\.column) == [0, 1, 2, 0, 1, 2])
    #expect(pixels == 150 * 100)
    // softmax of (0, 2, 1)
    #expect(chips.allSatisfy { abs($0.probabilities[1] - 0.6652) < 1e-3 && $0.probabilities.count == 3 })
  }

  @Test("A scene smaller than a window is one chip of what there is")
  func small() throws {
    let scene = try SyntheticScene(width: 40, height: 50, bands: 1) { _, _, _ in 1 }
    let (chips, pixels) = try chips(scene, window: 64)
    #expect(chips.map(\.window) == [scene.grid.bounds] && pixels == 40 * 50)
  }

  @Test("A chip counts where half of its pixels or more are valid")
  func validity() throws {
    // Of the first window's 64 columns 31 are valid, of the second's all, of the third's 32.
    let scene = try SyntheticScene(width: 192, height: 64, bands: 1) { _, _, column in
      column < 33 || column >= 160 ? .nan : 1
    }
    let (chips, pixels) = try chips(scene, window: 64)
    #expect(chips.map(\.column) == [1, 2] && pixels == (64 + 32) * 64)
  }

  @Test("Too little memory does not make windows smaller: the network would see another scale")
  func memory() throws {
    let scene = try SyntheticScene(width: 512, height: 512, bands: 1) { _, _, _ in 1 }
    #expect(throws: SlidingInference.Failure.self) { try chips(scene, window: 256, memory: 1 << 20) }
  }

  @Test("Chips below the smallest side of the network are refused")
  func tooSmall() throws {
    let scene = try SyntheticScene(width: 40, height: 40, bands: 1) { _, _, _ in 1 }
    var card = card(bands: 1, classes: 3, encoder: "densenet121")
    (card.architecture, card.task) = ("classifier", SceneClassification.name)
    let task = SceneClassification(classes: 3)
    let model = try Model(card: card, seed: nil)
    #expect(throws: SlidingInference.Failure.windowTooSmall(window: 20, smallest: 29)) {
      try SlidingInference(.init(window: 20, overlap: 0, blend: .hann, memory: 1 << 30)).peakMemory(
        of: task, by: NetworkPredictor(model, task, kernels: KernelSet.standard), on: scene.grid,
        blocks: StoredBlocks(width: 40, height: 1, extent: 40, bytesPerPixel: 4))
    }
  }

  @Test("Labels of a part of the scene are held against the chips whose class they know")
  func reference() throws {
    let scene = try SyntheticScene(width: 128, height: 64, bands: 1) { _, _, _ in 1 }
    let (chips, _) = try chips(scene, window: 64)
    let task = SceneClassification(classes: 3)
    let window = Window(column: 0, row: 0, width: 100, height: 64)
    // The first chip is of class 1; of the second 36 of 64 columns lie in the part, all of class 0.
    let labels = (0..<64 * 100).map { UInt8($0 % 100 < 64 ? 1 : 0) }
    func score(_ labels: [UInt8]) -> ClassificationScore {
      let reference = task.reference(ReferenceLabels(labels, in: window))
      reference.collect(ChipTablePart(chips: chips, pixels: 0))
      var score = task.emptyScore
      reference.add(to: &score)
      return score
    }
    #expect(score(labels).matrix.counts == [0, 1, 0, 0, 1, 0, 0, 0, 0])
    let fewer = labels.enumerated().map { $0 % 100 < 92 ? $1 : ClassIndex.none }
    #expect(score(fewer).matrix.counts == [0, 0, 0, 0, 1, 0, 0, 0, 0])
  }
}
