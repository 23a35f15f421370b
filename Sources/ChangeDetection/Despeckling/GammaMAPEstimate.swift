/// Returns the gamma-MAP estimate: the most probable intensity where both ground and speckle follow gamma
/// distributions.
///
/// Windows that vary as speckle does become their mean; those that vary much more hold a point that is left
/// as it is.
///
/// - Source: Lopes, Nezry, Touzi & Laur 1993 (doi:10.1080/01431169308953999).
func gammaMAPEstimate(_ value: Double, mean: Double, variation: Double, looks: Double) -> Double {
  let speckle = 1 / looks
  if variation <= speckle { return mean }
  if variation >= 2 * speckle { return value }
  let order = (1 + speckle) / (variation - speckle)
  let linear = (order - looks - 1) * mean
  return (linear + (linear * linear + 4 * order * looks * mean * value).squareRoot()) / (2 * order)
}
