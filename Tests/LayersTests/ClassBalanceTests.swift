import Foundation
import Layers
import NumericOracles
import Testing

@Suite("Class weights by the effective number of labels")
struct ClassBalanceTests {
  @Test("follow the formula and have the mean 1 over the classes present", arguments: [0.9, 0.99, 0.999])
  func formula(beta: Double) {
    let counts = [10, 0, 1000, 1, 250]
    let raw = counts.map { $0 > 0 ? (1 - beta) / (1 - pow(beta, Double($0))) : 0 }
    let expected = raw.map { Float($0 / raw.reduce(0, +) * 4) }
    let found = ClassBalance.effectiveNumber(counts: counts, beta: beta)
    #expect(scaledDifference(found, expected) < 1e-6)
    #expect(found[1] == 0)
  }

  @Test("are alike where b is 0, and the inverse of the counts where it is next to 1")
  func limits() {
    #expect(ClassBalance.effectiveNumber(counts: [5, 0, 70], beta: 0) == [1, 0, 1])
    let inverse = ClassBalance.effectiveNumber(counts: [1, 3], beta: 1 - 1e-12)
    #expect(scaledDifference(inverse, [1.5, 0.5]) < 1e-6)
    #expect(ClassBalance.effectiveNumber(counts: [0, 0], beta: 0.99) == [0, 0])
  }
}
