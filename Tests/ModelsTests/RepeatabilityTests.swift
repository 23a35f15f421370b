import CPUKernels
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// The promises that maps and models are reproducible, on every kernel set.
@Suite("The same input gives the same bytes", .serialized)
struct RepeatabilityTests {
  private static let sets = Array(KernelSet.all.indices)

  @Test("scores depend neither on threads nor on what else is in the batch", arguments: sets, [64, 75])
  func inference(set: Int, size: Int) {
    let network = HashedNetwork.unet(.eighteen, bands: 6, classes: 5)
    let one: Shape = [1, 6, size, size]
    let chips = HashedValues("repeat").tensor([8, 6, size, size], scale: 2).values
    func scores(_ values: ArraySlice<Float>, _ shape: Shape) -> [UInt32] {
      let kernels = KernelSet.all[set]
      let scores = network(Value(Tensor(Array(values), shape: shape)), in: Pass(.inference, kernels: kernels))
        .scores
      return kernels.plain(scores.tensor).values.map(\.bitPattern)
    }
    let together = computing(threads: 2) { scores(chips[...], [8, 6, size, size]) }
    #expect(together == computing(threads: 1) { scores(chips[...], [8, 6, size, size]) })
    let alone = computing(threads: 2) {
      (0..<8).flatMap { scores(chips[$0 * one.count..<($0 + 1) * one.count], one) }
    }
    #expect(together == alone)
  }

  @Test("training repeats to the last bit for a given thread count", arguments: sets, [1, 2])
  func training(set: Int, threads: Int) {
    func run() -> (losses: [Double], weights: [UInt32]) {
      computing(threads: threads) {
        let run = TrainingParityTests.train(
          KernelSet.all[set], StochasticGradientDescent(), rate: 1e-3, steps: 2)
        return (run.losses, run.network.parameters.all.flatMap { $0.tensor.values.map(\.bitPattern) })
      }
    }
    let (first, second) = (run(), run())
    #expect(first.losses == second.losses)
    #expect(first.weights == second.weights)
  }
}
