import CPUKernels
import Foundation
import Layers
import NumericOracles
import Tensors
import Testing
import Transfer

/// Every term against PyTorch, on every kernel set.
@Suite("Terms of domain adaptation")
struct AdaptationTermsTests {
  private static let golden = GoldenAdaptation.shared

  private func rows(_ n: Int, _ m: Int, _ width: Int) -> (source: Tensor, target: Tensor) {
    (
      HashedValues("source").tensor([n, width]),
      HashedValues("target").tensor([m, width], scale: 1.5, offset: 0.4)
    )
  }

  private func isClose(_ found: Double, _ expected: Double, _ tolerance: Double = 1e-5) -> Bool {
    abs(found - expected) <= tolerance * max(1e-3, abs(expected))
  }

  private func difference(_ found: Tensor, _ expected: [Double]) -> Double {
    scaledDifference(found.values.map(Double.init), expected)
  }

  /// Sums and sums of squares, which 1e-4 of the gradient's size may separate.
  private func expectSums(_ gradients: [(parameter: Parameter, gradient: Tensor)], _ expected: [[Double]]) {
    #expect(gradients.count == expected.count)
    for ((parameter, gradient), sums) in zip(gradients, expected) {
      let values = gradient.values.map(Double.init)
      let (sum, squares) = (values.reduce(0, +), values.reduce(0) { $0 + $1 * $1 })
      let scale = (squares * Double(values.count)).squareRoot()
      #expect(abs(sum - sums[0]) <= 1e-4 * scale, "\(parameter.path): \(sum), not \(sums[0])")
      #expect(isClose(squares, sums[1], 1e-4), "\(parameter.path): \(squares), not \(sums[1])")
    }
  }

  @Test("Multi-kernel MMD and its gradient", arguments: Array(KernelSet.all.indices), golden.mmd.indices)
  func discrepancy(set: Int, index: Int) {
    let golden = Self.golden.mmd[index]
    let (source, target) = rows(golden.n, golden.m, golden.width)
    let found = MeanDiscrepancy.evaluate(source, target, KernelSet.all[set])
    #expect(isClose(found.value, golden.value), "\(found.value), not \(golden.value)")
    #expect(difference(found.gradients.source, golden.gradients[0]) < 1e-5)
    #expect(difference(found.gradients.target, golden.gradients[1]) < 1e-5)
  }

  @Test("MMD of rows all alike is 0 and pulls nothing; of the same samples it may be below 0")
  func noDiscrepancy() {
    let kernels = KernelSet.standard
    let alike = Tensor(repeating: 2, shape: [4, 3])
    let none = MeanDiscrepancy.evaluate(alike, alike, kernels)
    #expect(none.value == 0 && none.gradients.source.values == Array(repeating: 0, count: 12))
    let (rows, _) = rows(12, 1, 2)
    #expect(MeanDiscrepancy.evaluate(rows, rows, kernels).value < 0)
  }

  @Test("Deep CORAL and its gradient", arguments: Array(KernelSet.all.indices), golden.coral.indices)
  func correlation(set: Int, index: Int) {
    let golden = Self.golden.coral[index]
    let (source, target) = rows(golden.n, golden.m, golden.width)
    let values = [source, target].map {
      Value(Tensor($0.values, shape: [$0.shape[0], $0.shape[1], 1, 1]), needsGradient: true)
    }
    let found = CorrelationAlignment(weight: 1).align(values[0], with: values[1], KernelSet.all[set])
    #expect(isClose(found, golden.value))
    for (value, expected) in zip(values, golden.gradients) {
      #expect(difference(value.gradient!, expected) < 1e-5)
    }
  }

  @Test(
    "DANN and CDAN: the classifier's loss, its gradients as they are, the features' reversed",
    arguments: Array(KernelSet.all.indices), golden.adversary.indices)
  func adversary(set: Int, index: Int) {
    let golden = Self.golden.adversary[index]
    var (source, target) = rows(golden.n, golden.m, golden.width)
    let shares = [("source scores", golden.n), ("target scores", golden.m)].map { name, count in
      let scores = HashedValues(name).tensor([count, max(1, golden.classes), 1, 1], scale: 2)
      return Tensor(Softmax.probabilities(scores).values, shape: [count, max(1, golden.classes)])
    }
    if golden.classes > 0 {
      source = ClassConditioning.products(source, shares[0])
      target = ClassConditioning.products(target, shares[1])
    }
    let classifier = DomainClassifier(inputs: golden.width * max(1, golden.classes), seed: 1)
    fill(classifier.parameters, weights: 0.3)
    let found = classifier.evaluate(source, target, KernelSet.all[set])
    #expect(isClose(found.value, golden.value))
    for (gradient, (share, expected)) in zip([found.source, found.target], zip(shares, golden.gradients)) {
      let features = golden.classes > 0 ? ClassConditioning.featureGradient(gradient, share) : gradient
      #expect(difference(features, expected.map { $0 / -golden.strength }) < 1e-5)
    }
    expectSums(found.parameters, golden.classifier)
  }

  @Test(
    "The adversary of maps: what the network loses, what the discriminator loses, and both gradients",
    arguments: Array(KernelSet.all.indices), golden.outputAdversary.indices)
  func maps(set: Int, index: Int) {
    let golden = Self.golden.outputAdversary[index]
    let kernels = KernelSet.all[set]
    let shape: Shape = [golden.n, golden.classes, golden.side, golden.side]
    let maps = ["source scores", "target scores"].map {
      Softmax.probabilities(HashedValues($0).tensor(shape, scale: 2))
    }
    let discriminator = MapDiscriminator(classes: golden.classes, seed: 1)
    fill(discriminator.parameters, weights: 0.05)
    let deception = discriminator.deception(maps[1], kernels)
    #expect(isClose(deception.value, golden.deception))
    let gradient = Softmax.scoreGradient(deception.gradient, at: maps[1]).values
    let firstRows = (0..<golden.n * golden.classes).flatMap { plane in
      gradient[plane * golden.side * golden.side..<plane * golden.side * golden.side + golden.side]
    }
    #expect(scaledDifference(firstRows.map(Double.init), golden.gradient) < 1e-4)
    let detection = discriminator.detection(maps[0], maps[1], kernels)
    #expect(isClose(detection.value, golden.detection))
    expectSums(detection.gradients, golden.discriminator)
  }

  @Test("Entropy with a class-ratio prior, pixels without data left out", arguments: golden.entropy.indices)
  func entropy(index: Int) {
    let golden = Self.golden.entropy[index]
    let shape: Shape = [golden.n, golden.classes, golden.height, golden.width]
    let probabilities = Softmax.probabilities(HashedValues("target scores").tensor(shape, scale: 3))
    let valid = (0..<golden.n * golden.height * golden.width).map { $0 % 5 != 0 }
    let term = EntropyMinimization(weight: 1, prior: golden.prior, labelCounts: golden.counts)
    let found = term.evaluate(probabilities, valid: valid)
    #expect(isClose(found.value, golden.value))
    #expect(difference(found.gradient, golden.gradients[0]) < 1e-5)
  }

  @Test("The strength of the reversal goes as Ganin et al. have it")
  func schedule() {
    for (progress, strength) in [
      (0, 0), (0.05, 0.245), (0.1, 0.462), (0.2, 0.762), (0.3, 0.905), (0.5, 0.987),
    ] {
      #expect(abs(GradientReversal.strength(at: progress) - strength) < 5e-4)
    }
  }

  private func fill(_ parameters: ParameterList, weights: Double) {
    for parameter in parameters.all {
      parameter.set(
        HashedValues(parameter.path).tensor(
          parameter.tensor.shape, scale: parameter.role == .weight ? weights : 0.1))
    }
  }
}
