import Tensors

/// Mean and variance of the observed intensities in a square window around each pixel, from which most filters decide.
struct SpeckleWindow {
  /// `[H, W]`; NaN where the pixel was not observed.
  let means, variances: [Double]

  init(_ plane: Plane, radius: Int) {
    let sums = WindowSums(plane.values, width: plane.width, radius: radius)
    let squares = windowSums(
      plane.values.map { $0.isNaN ? 0 : Double($0) * Double($0) }, width: plane.width, height: plane.height,
      radius: radius)
    let means = plane.values.indices.map { index in
      plane.values[index].isNaN ? Double.nan : sums.sums[index] / sums.counts[index]
    }
    self.means = means
    variances = plane.values.indices.map { index in
      max(0, squares[index] / sums.counts[index] - means[index] * means[index])
    }
  }

  /// The squared coefficient of variation; 0 where the mean is.
  func variation(_ index: Int) -> Double {
    means[index] > 0 ? variances[index] / (means[index] * means[index]) : 0
  }
}

extension PlaneSource {
  /// Rows in which each observed pixel is an estimate from its value and from the mean and the squared coefficient of variation of the
  /// window around it.
  func despeckled(
    _ rows: Range<Int>, radius: Int,
    _ estimate: (_ value: Double, _ mean: Double, _ variation: Double) -> Double
  ) throws -> Plane {
    try filtered(rows, halo: radius) { plane in
      let window = SpeckleWindow(plane, radius: radius)
      var result = plane
      for (index, value) in plane.values.enumerated() where !value.isNaN {
        result.values[index] = Float(estimate(Double(value), window.means[index], window.variation(index)))
      }
      return result
    }
  }
}
