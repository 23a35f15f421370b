import Foundation

/// Returns the regularised upper incomplete gamma function Q(a, x) for a that is a multiple of 1/2, which is
/// what chi-square needs.
///
/// Q(1, x) = e^-x and Q(1/2, x) = erfc(sqrt x); Q(a + 1, x) = Q(a, x) + x^a e^-x / Gamma(a + 1). All terms
/// are positive, so that nothing cancels, however small Q is.
///
/// - Parameters:
///   - halves: 2 a, at least 1.
///   - x: from 0 on.
/// - Precision: relative error about 1e-14 while e^-x is a number, x up to some 700.
/// - Complexity: O(a).
/// - Source: Abramowitz & Stegun 1964, 6.5.22 and 26.4.4-26.4.5.
func upperIncompleteGamma(halves: Int, _ x: Double) -> Double {
  precondition(halves >= 1, "Q(\(halves)/2, x)")
  guard x > 0 else { return 1 }
  let root = x.squareRoot()
  var sum: Double
  var term: Double
  var a: Double
  if halves.isMultiple(of: 2) {
    (sum, a) = (exp(-x), 1)
    term = sum * x
  } else {
    (sum, a) = (erfc(root), 0.5)
    // x^(1/2) e^-x / Gamma(3/2)
    term = 2 / Double.pi.squareRoot() * root * exp(-x)
  }
  for _ in 0..<(halves - 1) / 2 {
    sum += term
    a += 1
    term *= x / a
  }
  return min(1, sum)
}
