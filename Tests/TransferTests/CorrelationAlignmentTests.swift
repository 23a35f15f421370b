import CPUKernels
import NumericOracles
import Tensors
import Testing
import Transfer

/// The definition of the loss in Double: weight x |Cs - Ct|^2 / (4 d^2).
private struct AlignmentLoss {
  let shape: Shape
  let weight: Double

  func value(_ source: [Double], _ target: [Double]) -> Double {
    let (a, b) = (covariance(source), covariance(target))
    let width = Double(shape.channels)
    return weight * zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / (4 * width * width)
  }

  private func covariance(_ values: [Double]) -> [Double] {
    let (width, plane) = (shape.channels, shape.height * shape.width)
    let count = shape.batch * plane
    let rows = (0..<width).map { feature in
      (0..<count).map { values[($0 / plane * width + feature) * plane + $0 % plane] }
    }
    let centred = rows.map { row in
      let mean = row.reduce(0, +) / Double(count)
      return row.map { $0 - mean }
    }
    return (0..<width * width).map { place in
      zip(centred[place / width], centred[place % width]).reduce(0) { $0 + $1.0 * $1.1 } / Double(count - 1)
    }
  }
}

@Suite("Correlation alignment")
struct CorrelationAlignmentTests {
  private static let shapes: [Shape] = [[1, 1, 2, 1], [2, 3, 4, 5], [1, 16, 7, 3], [3, 5, 1, 1]]

  private func features(_ name: String, _ shape: Shape) -> Tensor {
    HashedValues(name).tensor(shape, scale: name == "source" ? 1 : 2, offset: 0.7)
  }

  @Test(
    "Loss and gradients are those of the definition, by finite differences in Double",
    arguments: Array(KernelSet.all.indices), shapes)
  func gradients(set: Int, shape: Shape) {
    let kernels = KernelSet.all[set]
    let loss = AlignmentLoss(shape: shape, weight: 3)
    let (source, target) = (
      Value(features("source", shape), needsGradient: true),
      Value(features("target", shape), needsGradient: true)
    )
    let found = CorrelationAlignment(weight: 3).align(source, with: target, kernels)
    let (s, t) = (source.tensor.values.map(Double.init), target.tensor.values.map(Double.init))
    let expected = loss.value(s, t)
    #expect(abs(found - expected) <= 1e-5 * expected)

    func slopes(_ x: [Double], _ value: ([Double]) -> Double) -> [Double] {
      x.indices.map { place in
        var (above, below) = (x, x)
        above[place] += 1e-5
        below[place] -= 1e-5
        return (value(above) - value(below)) / 2e-5
      }
    }
    let (sourceGradient, targetGradient) = (source.gradient!, target.gradient!)
    #expect(
      scaledDifference(sourceGradient.values.map(Double.init), slopes(s) { loss.value($0, t) }) < 1e-4)
    #expect(
      scaledDifference(targetGradient.values.map(Double.init), slopes(t) { loss.value(s, $0) }) < 1e-4)
  }

  @Test("Domains alike cost nothing, and nothing pulls them", arguments: Array(KernelSet.all.indices))
  func alike(set: Int) {
    let kernels = KernelSet.all[set]
    let shape: Shape = [2, 4, 3, 3]
    let (source, target) = (
      Value(features("source", shape), needsGradient: true),
      Value(features("source", shape), needsGradient: true)
    )
    #expect(CorrelationAlignment(weight: 10).align(source, with: target, kernels) == 0)
    #expect(source.gradient!.values.allSatisfy { $0 == 0 } && target.gradient!.values.allSatisfy { $0 == 0 })
  }

  @Test("A gradient that is there already is added to, and the weight scales the loss")
  func weight() {
    let kernels = KernelSet.standard
    let shape: Shape = [1, 3, 4, 4]
    func align(_ weight: Double, seeded: Bool) -> (loss: Double, gradient: [Float]) {
      let (source, target) = (
        Value(features("source", shape), needsGradient: true),
        Value(features("target", shape), needsGradient: true)
      )
      if seeded { source.accumulate(Tensor(repeating: 5, shape: shape), with: kernels) }
      let loss = CorrelationAlignment(weight: weight).align(source, with: target, kernels)
      return (loss, source.gradient!.values)
    }
    let (one, ten, seeded) = (align(1, seeded: false), align(10, seeded: false), align(1, seeded: true))
    #expect(abs(ten.loss - 10 * one.loss) <= 1e-9 * ten.loss)
    #expect(zip(seeded.gradient, one.gradient).allSatisfy { abs($0 - 5 - $1) < 1e-5 })
  }
}
