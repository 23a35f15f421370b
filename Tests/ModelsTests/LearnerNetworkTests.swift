import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Learners
import Models
import NumericOracles
import Tensors
import Testing

@Suite("Classifiers of features as networks")
struct LearnerNetworkTests {
  private static let kernels: any Kernels = KernelSet.standard

  private static func card(_ architecture: String, _ encoder: String) -> ModelCard {
    ModelCard(
      architecture: architecture, encoder: encoder, sensor: "sentinel-2-l2a",
      bands: [("B03", 0.1, 0.05), ("B04", 0.2, 0.1), ("B08", 0.4, 0.2)].map {
        .init(name: $0.0, wavelength: nil, mean: $0.1, deviation: $0.2)
      }, classes: (1...2).map { .init(value: UInt8($0), name: "class \($0)") })
  }

  private static let bandsAlone = card("features", "none")

  private static func start(_ recipe: FeatureRecipe) throws -> Model {
    try Model(bandsOf: bandsAlone, named: "lda", reading: recipe)
  }

  /// A linear classifier with numbers of a rule.
  private static func classifier(features: Int) -> LinearClassifier {
    LinearClassifier(
      weights: HashedValues("weights").tensor([2, features]).values, intercepts: [0.25, -0.5])
  }

  private static func scores(_ model: Model, _ image: Tensor) -> Tensor {
    kernels.plain(model.network(Value(image), in: Pass(.inference, kernels: kernels)).scores.tensor)
  }

  @Test(
    "Contexts are the mean and the deviation of the part of the window that lies in the image",
    arguments: [3, 7, 31])
  func context(side: Int) throws {
    let (height, width) = (13, 17)
    let image = HashedValues("context").tensor([2, 3, height, width], scale: 3)
    let computation = try FeatureComputation(
      FeatureRecipe(bands: false, context: [side]), of: Self.start(FeatureRecipe(context: [side])))
    let maps = computation(image, kernels: Self.kernels).values
    let (plane, reach) = (height * width, side / 2)
    var worst = 0.0
    for plan in 0..<6 {
      for row in 0..<height {
        for column in 0..<width {
          var window: [Double] = []
          for y in max(0, row - reach)...min(height - 1, row + reach) {
            for x in max(0, column - reach)...min(width - 1, column + reach) {
              window.append(Double(image.values[plan * plane + y * width + x]))
            }
          }
          let mean = window.reduce(0, +) / Double(window.count)
          let square = window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(window.count)
          let (batch, channel, pixel) = (plan / 3, plan % 3, row * width + column)
          worst = max(
            worst, abs(Double(maps[(batch * 6 + channel) * plane + pixel]) - mean),
            abs(Double(maps[(batch * 6 + 3 + channel) * plane + pixel]) - square.squareRoot()))
        }
      }
    }
    #expect(worst < 1e-6)
  }

  @Test("Normalised differences are of values in the sensor's unit, from -1 to 1")
  func differences() throws {
    let recipe = FeatureRecipe(bands: false, indices: [["B08", "B04"]])
    // Normalised: B04 is 0.3 and 0.2 and -0.1, B08 is 0.5 and 0.4 and 0.05.
    let image = Tensor([0, 0, 0, 1, 0, -3, 0.5, 0, -1.75], shape: [1, 3, 1, 3])
    let computation = try FeatureComputation(recipe, of: Self.start(recipe))
    #expect(computation.names == ["B08 - B04"])
    let answers = computation(image, kernels: Self.kernels).values
    #expect(abs(answers[0] - 0.25) < 1e-6 && abs(answers[1] - 1 / 3) < 1e-6 && answers[2] == 0)
  }

  @Test("Scores are logarithms of the classifier's probabilities of the named features")
  func scores() throws {
    let recipe = FeatureRecipe(indices: [["B08", "B04"]], context: [3])
    let start = try Self.start(recipe)
    let features = try FeatureComputation(recipe, of: start)
    #expect(
      features.names == [
        "B03", "B04", "B08", "B08 - B04", "B03 mean 3", "B04 mean 3", "B08 mean 3", "B03 deviation 3",
        "B04 deviation 3", "B08 deviation 3",
      ])
    let classifier = Self.classifier(features: 10)
    let model = try Model(classifier, named: "lda", reading: recipe, over: start)
    // More pixels than a block has rows.
    let image = HashedValues("image").tensor([2, 3, 51, 47], scale: 2)
    let (maps, scores) = (features(image, kernels: Self.kernels).values, Self.scores(model, image).values)
    let plane = 51 * 47
    for pixel in [0, 5, 2047, 2048, plane - 1] {
      let row = (0..<10).map { maps[(10 + $0) * plane + pixel] }
      var expected = [Float](repeating: 0, count: 2)
      row.withUnsafeBufferPointer { classifier.classify($0.baseAddress!, count: 1, into: &expected) }
      for index in 0..<2 {
        #expect(abs(scores[(2 + index) * plane + pixel] - Foundation.log(expected[index])) < 1e-6)
      }
    }
    let prepared = model.prepared(height: 51, width: 47, on: Self.kernels)
    let first = Tensor(Array(image.values[..<(3 * plane)]), shape: [1, 3, 51, 47])
    #expect(prepared(first).values == Array(scores[..<(2 * plane)]))
  }

  @Test("Maps of an encoder are features, resampled to the pixels")
  func layers() throws {
    let base = try Model(card: Self.card("unet", "resnet18"), seed: 3)
    let maps = base.network.description.maps
    let recipe = FeatureRecipe(bands: false, layers: [maps[1].name])
    let features = try FeatureComputation(recipe, of: base)
    #expect(features.names.count == maps[1].channels)
    let model = try Model(
      Self.classifier(features: maps[1].channels), named: "softmax", reading: recipe, over: base)
    let image = HashedValues("layers").tensor([1, 3, 64, 64])
    let own = base.network.encoderFeatures(of: Value(image), in: Pass(.inference, kernels: Self.kernels))[1]
    let expected = Pass(.inference, kernels: Self.kernels).tape.bilinearResampling(
      own, height: 64, width: 64, alignsCorners: false)
    #expect(
      features(image, kernels: Self.kernels).values == Self.kernels.plain(expected.tensor).values)
    let again = try FeatureComputation(recipe, of: model)
    #expect(
      again(image, kernels: Self.kernels).values == features(image, kernels: Self.kernels).values)
    #expect(throws: CheckpointError.self) {
      try FeatureComputation(FeatureRecipe(layers: ["layer9"]), of: base)
    }
  }

  @Test("A model is the same after it was written and read, and its copy is")
  func roundTrip() throws {
    let recipe = FeatureRecipe(context: [3])
    var table = FeatureTable(width: 9, classCount: 2)
    let drawn = HashedValues("samples").tensor([40, 9]).values
    for sample in 0..<40 {
      let row = Array(drawn[sample * 9..<(sample + 1) * 9])
      table.append(row, class: row[4] > 0 ? 1 : 0, ground: Int32(sample))
    }
    let forest = try RandomForest(trees: 5).learn(table, seed: 1, isCancelled: { false }).classifier
    let model = try Model(forest, named: "random-forest", reading: recipe, over: Self.start(recipe))
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-forest-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model(contentsOf: path)
    #expect(read.card == model.card && read.card.learner?.name == "random-forest")
    let image = HashedValues("image").tensor([1, 3, 8, 8])
    #expect(Self.scores(read, image).values == Self.scores(model, image).values)
    #expect(Self.scores(read.copy(), image).values == Self.scores(model, image).values)

    let left = try #require(read.network.parameters["learner.left"])
    left.set(Tensor(repeating: 0, shape: left.tensor.shape))
    try read.write(to: path)
    #expect { try Model(contentsOf: path) } throws: {
      "\($0)".contains(path) && "\($0)".contains("its classifier is damaged")
    }
  }

  @Test("An ensemble with a classifier of features is refused by name")
  func ensemble() throws {
    let start = try Self.start(FeatureRecipe())
    #expect { try Model(ensembleOf: [start, start]) } throws: { "\($0)".contains("a lda joins no ensemble") }
  }

  @Test("A card that asks for features that there are not, or another kind of classifier, is refused")
  func impossibleCards() throws {
    for recipe in [
      FeatureRecipe(indices: [["B08", "B99"]]), FeatureRecipe(indices: [["B08"]]),
      FeatureRecipe(context: [4]),
      FeatureRecipe(bands: false),
    ] {
      #expect(throws: CheckpointError.self) { try Self.start(recipe) }
    }
    var card = Self.bandsAlone
    card.learner = LearnerCard(name: "oracle", kind: "oracle", sizes: [:], features: FeatureRecipe())
    #expect(throws: CheckpointError.self) { try Model(card: card, seed: nil) }
  }
}
