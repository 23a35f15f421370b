import Tensors

/// A form in which publishers keep a parameter: the same numbers in another shape or order.
public enum StoredForm: Hashable, Sendable {
  /// Filters `[K, C, k, k]` as `[K, C, 1, k, k]`: a convolution over dates as well, which sees one at a time.
  case datewise
  /// Filters `[K, C, k, k]` over patches as `[K, k k C]`: a linear map of the pixels of a patch, row by row,
  /// the bands of each pixel together.
  case pixelwise(side: Int)
  /// Factors of channels `[C, 1, 1]` as `[C]`.
  case vector

  /// Returns the shape of the parameter that a stored tensor of this shape is; nil where it is not of this
  /// form.
  public func shape(of stored: Shape) -> Shape? {
    switch self {
    case .datewise:
      guard stored.rank == 5, stored[2] == 1 else { return nil }
      return [stored[0], stored[1], stored[3], stored[4]]
    case .pixelwise(let side):
      guard stored.rank == 2, stored[1] > 0, stored[1] % (side * side) == 0 else { return nil }
      return [stored[0], stored[1] / (side * side), side, side]
    case .vector:
      return stored.rank == 1 ? [stored[0], 1, 1] : nil
    }
  }

  /// Returns the distances between neighbours along each axis of the parameter, from those of the stored
  /// tensor, whose shape is of this form.
  public func strides(of stored: Shape, _ strides: [Int]) -> [Int] {
    switch self {
    case .datewise: return [strides[0], strides[1], strides[3], strides[4]]
    case .pixelwise(let side):
      let bands = stored[1] / (side * side)
      return [strides[0], strides[1], side * bands * strides[1], bands * strides[1]]
    case .vector: return [strides[0], 1, 1]
    }
  }
}
