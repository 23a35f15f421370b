/// Computes Lee's estimate of least squared error: the mean of the window, plus a share of the pixel's
/// difference from it that grows with the window's variation beyond speckle.
///
/// - Source: Lee 1980 (doi:10.1109/TPAMI.1980.4766994).
func leeEstimate(_ value: Double, mean: Double, variation: Double, looks: Double) -> Double {
  let speckle = 1 / looks
  guard variation > speckle else { return mean }
  return mean + (1 - speckle / variation) / (1 + speckle) * (value - mean)
}
