import Tensors

/// The largest absolute difference divided by the largest absolute expected value.
///
/// Elements near zero are then not asked for more digits than the arithmetic of their neighbours can give.
/// NaN on either side, or another count, is an infinite difference.
public func scaledDifference(_ found: [Float], _ expected: [Float]) -> Double {
  scaledDifference(found.map(Double.init), expected.map(Double.init))
}

/// See ``scaledDifference(_:_:)-([Float],_)``.
public func scaledDifference(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var (difference, scale) = (0.0, 0.0)
  for (a, b) in zip(found, expected) {
    let distance = abs(a - b)
    guard !distance.isNaN else { return .infinity }
    difference = max(difference, distance)
    scale = max(scale, abs(b))
  }
  return difference == 0 ? 0 : difference / scale
}
