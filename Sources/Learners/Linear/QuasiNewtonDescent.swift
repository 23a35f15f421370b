/// The minimum of a smooth function by its gradient: steps of limited-memory BFGS, each as long as halving
/// makes the function fall by Armijo's rule.
///
/// - Source: Liu, Nocedal 1989; Nocedal, Wright 2006, algorithms 7.4 and 3.1.
struct QuasiNewtonDescent {
  /// The largest element of the gradient at which the descent ends.
  var tolerance: Double
  /// The most steps.
  var steps = 1000
  /// The pairs of steps and changes of the gradient that are remembered.
  var memory = 10

  /// Descends from a place.
  ///
  /// - Parameter value: returns the function and its gradient.
  func minimum(
    from start: [Double], isCancelled: () -> Bool, _ value: ([Double]) -> (value: Double, gradient: [Double])
  ) throws -> [Double] {
    var place = start
    var (current, gradient) = value(place)
    var pairs: [(step: [Double], change: [Double], inner: Double)] = []
    for _ in 0..<steps {
      if isCancelled() { throw CancellationError() }
      guard gradient.contains(where: { abs($0) > tolerance }) else { break }
      var direction = newtonDirection(gradient, pairs)
      var slope = Self.inner(direction, gradient)
      if slope >= 0 {
        (direction, pairs) = (gradient.map(-), [])
        slope = -Self.inner(gradient, gradient)
      }
      var length = pairs.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
      var moved: [Double]?
      for _ in 0..<60 {
        let candidate = zip(place, direction).map { $0 + length * $1 }
        let (next, nextGradient) = value(candidate)
        if next <= current + 1e-4 * length * slope {
          let step = zip(candidate, place).map { $0 - $1 }
          let change = zip(nextGradient, gradient).map { $0 - $1 }
          let inner = Self.inner(step, change)
          if inner > 1e-10 * Self.inner(change, change) {
            pairs.append((step, change, inner))
            if pairs.count > memory { pairs.removeFirst() }
          }
          (moved, current, gradient) = (candidate, next, nextGradient)
          break
        }
        length /= 2
      }
      // The numbers are exhausted: no shorter step falls any more.
      guard let moved else { break }
      place = moved
    }
    return place
  }

  /// Returns minus the gradient times the remembered approximation of the inverse of the Hessian.
  private func newtonDirection(
    _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], inner: Double)]
  ) -> [Double] {
    var direction = gradient
    var factors: [Double] = []
    for pair in pairs.reversed() {
      let factor = Self.inner(pair.step, direction) / pair.inner
      factors.append(factor)
      for index in direction.indices { direction[index] -= factor * pair.change[index] }
    }
    if let last = pairs.last {
      let scale = last.inner / Self.inner(last.change, last.change)
      for index in direction.indices { direction[index] *= scale }
    }
    for (pair, factor) in zip(pairs, factors.reversed()) {
      let own = factor - Self.inner(pair.change, direction) / pair.inner
      for index in direction.indices { direction[index] += own * pair.step[index] }
    }
    return direction.map(-)
  }

  private static func inner(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
