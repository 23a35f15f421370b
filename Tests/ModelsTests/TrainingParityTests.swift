import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Five steps against PyTorch in float64.
///
/// Training amplifies rounding: one ReLU that a last bit flips changes a gradient by far more than that bit.
/// The rates are chosen so that float32 PyTorch itself passes, see `Golden/write_golden.py`.
@Suite("Training steps of a U-Net are those of PyTorch")
struct TrainingParityTests {
  private static let classes = 4
  private static let loss = WeightedLosses([
    (CrossEntropy(classWeights: [1, 0.5, 2, 1.5]), 1), (Dice(), 1),
  ])

  @Test("SGD with momentum: losses and every weight", arguments: 0..<KernelSet.all.count)
  func gradientDescent(set: Int) throws {
    let golden = try HashedNetwork.golden("training-sgd.safetensors")
    let run = Self.train(
      KernelSet.all[set], StochasticGradientDescent(momentum: 0.9, weightDecay: 0.01), rate: 1e-3)
    #expect(scaledDifference(run.losses.map(Float.init), golden["losses"]!.values) < 1e-4)
    for parameter in run.network.parameters.all {
      let expected = try #require(golden[parameter.path], "\(parameter.path)").values
      let found = HashedNetwork.sampled(parameter.tensor.values, limit: 160)
      #expect(scaledDifference(found, expected) < 1e-4, "\(parameter.path)")
    }
    #expect(golden.count == run.network.parameters.all.count + 1)
  }

  /// AdamW's first steps are the signs of gradients, so an element whose gradient is below rounding may go
  /// either way: the elements are compared by their root mean square, here and against how far they went
  /// (float32 PyTorch is off by 0.103 of that in the worst parameter).
  @Test("AdamW: losses and every weight", arguments: 0..<KernelSet.all.count)
  func adam(set: Int) throws {
    let golden = try HashedNetwork.golden("training-adamw.safetensors")
    let start = HashedNetwork.unet(.eighteen, bands: 6, classes: Self.classes).parameters
    let run = Self.train(KernelSet.all[set], AdamW(weightDecay: 0.01), rate: 1e-5)
    #expect(scaledDifference(run.losses.map(Float.init), golden["losses"]!.values) < 1e-4)
    for parameter in run.network.parameters.all {
      let expected = try #require(golden[parameter.path], "\(parameter.path)").values
      let found = HashedNetwork.sampled(parameter.tensor.values, limit: 160)
      let before = HashedNetwork.sampled(start[parameter.path]!.tensor.values, limit: 160)
      let scale = Double(expected.map(abs).max()!)
      let distance = Self.rootMeanSquare(found, expected)
      #expect(distance < (parameter.role.isLearned ? 1e-4 : 3e-4) * scale, "\(parameter.path)")
      #expect(distance < 0.2 * Self.rootMeanSquare(before, expected), "\(parameter.path)")
    }
  }

  /// Losses of some steps, and the network after them.
  static func train(_ kernels: any Kernels, _ optimizer: any Optimizer, rate: Double, steps: Int = 5)
    -> (losses: [Double], network: any Network)
  {
    let network = HashedNetwork.unet(.eighteen, bands: 6, classes: classes)
    let shape: Shape = [4, 6, 64, 64]
    let losses = (0..<steps).map { step in
      let chips = HashedValues("training.\(step)").tensor(shape, scale: 2)
      let targets = HashedNetwork.targets("labels.\(step)", count: 4 * 64 * 64, classes: classes)
      let pass = Pass(.training, kernels: kernels)
      let scores = network(Value(chips), in: pass).scores
      let value = loss.evaluate(
        probabilities: Softmax.probabilities(kernels.plain(scores.tensor)), targets: targets)
      scores.accumulate(value.gradient, with: kernels)
      optimizer.step(pass.backward()) { _ in rate }
      return value.value
    }
    return (losses, network)
  }

  private static func rootMeanSquare(_ a: [Float], _ b: [Float]) -> Double {
    let squares = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    return (squares / Double(a.count)).squareRoot()
  }
}
