import Numerics
import Testing

@Suite("Gamma and beta variables")
struct RandomSourceGammaTests {
  /// Mean, variance and share at or below 0.5 of `count` values.
  private func moments(_ count: Int, _ draw: () -> Double) -> (mean: Double, variance: Double, low: Double) {
    let values = (0..<count).map { _ in draw() }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    return (mean, variance, Double(values.filter { $0 <= 0.5 }.count) / Double(count))
  }

  @Test(
    "A gamma variable has mean and variance of its shape, below and above 1",
    arguments: [0.2, 0.7, 1, 1.5, 4.4, 30])
  func gamma(shape: Double) {
    var random = RandomSource(seed: 5, stream: "gamma \(shape)")
    let count = 200_000
    let found = moments(count) { random.gamma(shape: shape) }
    // Five standard errors; the fourth central moment of a gamma variable is 3 k² + 6 k.
    #expect(abs(found.mean - shape) < 5 * (shape / Double(count)).squareRoot())
    #expect(abs(found.variance - shape) < 5 * ((2 * shape * shape + 6 * shape) / Double(count)).squareRoot())
  }

  @Test("Shape 1 is the exponential distribution, shape 1/2 half a squared normal: P(X <= 1/2) is theirs")
  func distributions() {
    var random = RandomSource(seed: 6, stream: "gamma")
    // 1 - exp(-1/2); erf(sqrt(1/2)), which is P(|Z| <= 1).
    for (shape, share) in [(1.0, 0.393469), (0.5, 0.682689)] {
      let found = moments(200_000) { random.gamma(shape: shape) }
      #expect(abs(found.low - share) < 5 * (share * (1 - share) / 200_000).squareRoot())
    }
  }

  @Test("Shape 1/2 has the normal distribution's tail: twice it is a squared normal, far out too")
  func tail() {
    var random = RandomSource(seed: 8, stream: "tail")
    let count = 2_000_000
    var beyond = [0, 0, 0]
    // P(|Z| > 2), P(|Z| > 3) and P(|Z| > 3.6541...), where the ziggurat's tail begins.
    let shares = [0.0455002639, 0.0026997961, 0.0002580325]
    for _ in 0..<count {
      let value = (2 * random.gamma(shape: 0.5)).squareRoot()
      for (index, limit) in [2, 3, 3.654152885361009].enumerated() where value > limit { beyond[index] += 1 }
    }
    for (found, share) in zip(beyond, shares) {
      let error = (share / Double(count)).squareRoot()
      #expect(abs(Double(found) / Double(count) - share) < 5 * error)
    }
  }

  @Test(
    "A beta variable has its mean and variance and stays within 0 ... 1",
    arguments: [(0.2, 0.2), (1, 1), (8, 8), (2, 5), (1e-4, 1e-4)])
  func beta(a: Double, b: Double) {
    var random = RandomSource(seed: 7, stream: "beta")
    let count = 100_000
    let values = (0..<count).map { _ in random.beta(a, b) }
    #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let expected = a * b / ((a + b) * (a + b) * (a + b + 1))
    #expect(abs(mean - a / (a + b)) < 5 * (expected / Double(count)).squareRoot())
    #expect(abs(variance / expected - 1) < 0.03)
  }
}
