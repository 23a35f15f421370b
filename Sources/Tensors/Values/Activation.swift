import CVectorMath

/// A function of each number by itself that networks put between their layers.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  /// max(x, 0).
  case relu
  /// min(max(x, 0), 6).
  case relu6
  /// x sigmoid(x), also called swish.
  case silu
  /// x min(max(x + 3, 0), 6) / 6.
  case hardSwish
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// min(max(x + 3, 0), 6) / 6.
  case hardSigmoid
  /// x P(X < x) of a standard normal X, by the error function itself.
  case gelu

  /// Whether 0 stays 0, so that the padding of a blocked layout stays what it is.
  package var keepsZero: Bool { self != .sigmoid && self != .hardSigmoid }

  /// Replaces each value by the function of it.
  package func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
    switch self {
    case .relu: for index in 0..<count where values[index] < 0 { values[index] = 0 }
    case .relu6: for index in 0..<count { values[index] = min(max(values[index], 0), 6) }
    case .hardSwish: for index in 0..<count { values[index] *= min(max(values[index] + 3, 0), 6) / 6 }
    case .hardSigmoid: for index in 0..<count { values[index] = min(max(values[index] + 3, 0), 6) / 6 }
    case .sigmoid, .silu, .gelu:
      withWeights(values, count: count) { weights in
        if self == .sigmoid {
          values.update(from: weights, count: count)
        } else {
          for index in 0..<count { values[index] *= weights[index] }
        }
      }
    }
  }

  /// Multiplies each gradient by the derivative at the input that stands in the same place.
  package func differentiate(
    _ inputs: UnsafePointer<Float>, into gradients: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch self {
    case .relu: for index in 0..<count where inputs[index] <= 0 { gradients[index] = 0 }
    case .relu6:
      for index in 0..<count where inputs[index] <= 0 || inputs[index] >= 6 { gradients[index] = 0 }
    case .hardSwish:
      for index in 0..<count where inputs[index] <= 3 {
        gradients[index] *= inputs[index] < -3 ? 0 : inputs[index] / 3 + 0.5
      }
    case .hardSigmoid:
      for index in 0..<count { gradients[index] *= abs(inputs[index]) < 3 ? 1 / 6 : 0 }
    case .sigmoid:
      withWeights(inputs, count: count) { weights in
        for index in 0..<count { gradients[index] *= weights[index] * (1 - weights[index]) }
      }
    case .silu:
      withWeights(inputs, count: count) { weights in
        for index in 0..<count {
          gradients[index] *= weights[index] * (1 + inputs[index] * (1 - weights[index]))
        }
      }
    case .gelu:
      withWeights(inputs, count: count) { weights in
        withScratch(count) { density in
          for index in 0..<count { density[index] = -0.5 * inputs[index] * inputs[index] }
          terrane_exponentials(density, count)
          for index in 0..<count {
            gradients[index] *= weights[index] + inputs[index] * density[index] * Self.densityAtZero
          }
        }
      }
    }
  }

  /// 1 / sqrt(2 pi).
  private static let densityAtZero: Float = 0.398_942_28

  /// Lends the factors that x is multiplied by: sigmoid(x), or for GELU the distribution function (1 + erf(x
  /// / sqrt 2)) / 2.
  private func withWeights(
    _ inputs: UnsafePointer<Float>, count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void
  ) {
    withScratch(count) { weights in
      if self == .gelu {
        for index in 0..<count { weights[index] = inputs[index] * Float(0.5).squareRoot() }
        terrane_error_functions(weights, count)
        for index in 0..<count { weights[index] = 0.5 + 0.5 * weights[index] }
      } else {
        for index in 0..<count { weights[index] = -inputs[index] }
        terrane_exponentials(weights, count)
        for index in 0..<count { weights[index] = 1 / (1 + weights[index]) }
      }
      body(weights)
    }
  }
}

/// Calls `body` with memory for so many numbers, which ends with the call.
package func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { body($0.baseAddress!) }
}
