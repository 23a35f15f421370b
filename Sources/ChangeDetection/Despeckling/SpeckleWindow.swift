/// Mean and variance of the observed intensities in a square window around each pixel, from which most
/// filters decide.
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

  /// Returns the squared coefficient of variation; 0 where the mean is.
  func variation(_ index: Int) -> Double {
    means[index] > 0 ? variances[index] / (means[index] * means[index]) : 0
  }
}
