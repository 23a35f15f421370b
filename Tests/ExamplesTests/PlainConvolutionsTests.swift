import AddAnEncoder
import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// What every encoder is held to. One that somebody has published is held against the publisher's code
/// besides, and one of the catalogue goes through the suites of `Tests/ModelsTests` that take all of it.
@Suite("The example of an encoder", .serialized)
struct PlainConvolutionsTests {
  private static let classifier = Architecture(PlainConvolutions.design)
  private static let unet = Architecture.named("unet", encoder: "resnet18")!.over(PlainConvolutions.design)

  private func options(bands: Int = 4, classes: Int = 3) -> NetworkOptions {
    NetworkOptions(bands: bands, classes: classes, scheme: .terrane)
  }

  @Test("It has as many parameters as its plan says")
  func parameterCount() {
    // Filters of 3 x 3 without bias, and scale and shift of each normalised channel.
    let widths = [4, 16, 32, 64, 128, 256]
    let counts = zip(widths, widths.dropFirst()).map { inputs, outputs in 9 * inputs * outputs + 2 * outputs }
    let stages = counts.reduce(0, +)
    let network = Self.classifier.network(options())
    #expect(network.parameters.learnedCount == stages + 3 * 256 + 3)
  }

  @Test("The description says what is made: parts, maps and the first convolution", arguments: [true, false])
  func description(isClassifier: Bool) throws {
    let architecture = isClassifier ? Self.classifier : Self.unet
    let network = architecture.network(options(), seed: 1)
    let description = architecture.description(options())
    #expect(network.description == description)
    for parameter in network.parameters.all {
      #expect(description.parts.count { $0.contains(parameter.path) } == 1, "\(parameter.path)")
    }
    #expect(network.parameters[description.firstConvolution]?.tensor.shape == [16, 4, 3, 3])
    let pass = Pass(.inference, kernels: KernelSet.standard)
    let image = Value(HashedValues("image").tensor([2, 4, 64, 96]))
    let maps = network.encoderFeatures(of: image, in: pass).map(\.tensor.shape)
    #expect(maps.map(\.channels) == description.maps.map(\.channels))
    #expect(maps.map { 64 / $0.height } == description.maps.map(\.stride))
    let scores = network(image, in: pass).scores.tensor.shape
    #expect(scores == (isClassifier ? [2, 3, 1, 1] : [2, 3, 64, 96]))
  }

  @Test("Gradients reach every parameter, and some steps learn four chips", arguments: [true, false])
  func training(isClassifier: Bool) {
    let network = (isClassifier ? Self.classifier : Self.unet).network(options(), seed: 7)
    let kernels = KernelSet.standard
    let images = HashedValues("chips").tensor([4, 4, 64, 64], scale: 2)
    // A class for each image, or for each pixel: the left 20 columns and the others.
    let pixels: [UInt8] = (0..<4 * 64 * 64).map { pixel in pixel % 64 < 20 ? 0 : 1 }
    let targets: [UInt8] = isClassifier ? [0, 1, 2, 0] : pixels
    let optimizer = StochasticGradientDescent(momentum: 0.9)
    var losses: [Double] = []
    for step in 0..<12 {
      let pass = Pass(.training, kernels: kernels)
      let scores = network(Value(images), in: pass).scores
      let answers = Softmax.probabilities(kernels.plain(scores.tensor))
      let loss = CrossEntropy().evaluate(probabilities: answers, targets: targets)
      scores.accumulate(loss.gradient, with: kernels)
      let gradients = pass.backward()
      if step == 0 {
        let reached = gradients.filter { _, gradient in
          kernels.plain(gradient).values.contains { $0 != 0 }
        }.map(\.parameter.path)
        let learned = network.parameters.all.filter(\.role.isLearned).map(\.path)
        #expect(Set(learned).subtracting(reached).isEmpty)
      }
      losses.append(loss.value)
      optimizer.step(gradients) { _ in 0.02 }
    }
    #expect(losses.last! < 0.5 * losses[0], "\(losses)")
  }

  @Test(
    "A prepared network gives the scores of a pass, at even and odd sizes, on every set of kernels",
    arguments: 0..<KernelSet.all.count, [(64, 96), (75, 101)])
  func prepared(set: Int, size: (height: Int, width: Int)) {
    let kernels = KernelSet.all[set]
    for architecture in [Self.classifier, Self.unet] {
      let network = architecture.network(options(), seed: 3)
      let shape: Shape = [1, 4, size.height, size.width]
      let image = HashedValues("image").tensor(shape, scale: 2)
      let scores = network(Value(image), in: Pass(.inference, kernels: kernels)).scores
      let ready = network.prepared(for: shape, on: kernels)
      let difference = scaledDifference(ready(image).values, kernels.plain(scores.tensor).values)
      #expect(difference < 1e-4, "\(architecture.description) on \(kernels.name)")
    }
  }
}
