import Numerics
import Tensors

extension ParameterList {
  /// Puts every value between a starting point and where it is now: w <- (1 - a) w0 + a w.
  ///
  /// Parameters and running statistics alike. A fine-tuned network that is drawn back towards its pretrained
  /// one often keeps what it has learned and is more robust away from its training data; both need the same
  /// head.
  ///
  /// - Parameters:
  ///   - start: w0 by path, as ``snapshot()`` gives it; every parameter's.
  ///   - share: a in `0 ... 1`; 0 goes back to the start, 1 stays.
  /// - Source: Wortsman et al. 2022, arXiv:2109.01903 (WiSE-FT).
  public func interpolate(from start: [String: Tensor], share: Double) {
    precondition((0...1).contains(share), "the share of an interpolation is in 0 ... 1, not \(share)")
    for parameter in all {
      guard let origin = start[parameter.path], origin.shape == parameter.tensor.shape else {
        preconditionFailure("no starting value of \(parameter.path) with shape \(parameter.tensor.shape)")
      }
      origin.withValues { origin in
        parameter.tensor.mutate { values in
          parallelChunks(values.count) { range in
            for index in range {
              values[index] = Float((1 - share) * Double(origin[index]) + share * Double(values[index]))
            }
          }
        }
      }
    }
  }
}
