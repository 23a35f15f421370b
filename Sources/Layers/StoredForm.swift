import Tensors

/// A form in which publishers keep the filters `[K, C, k, k]` of a convolution over patches: the same numbers
/// in another shape or order.
public enum StoredForm: Hashable, Sendable {
  /// `[K, C, 1, k, k]`: a convolution over dates as well, which sees one at a time.
  case datewise
  /// `[K, k k C]`: a linear map of the pixels of a patch, row by row, the bands of each pixel together.
  case pixelwise(side: Int)

  /// Returns the shape of the filters that a tensor of this shape holds; nil where it is not of this form.
  public func filters(of stored: Shape) -> Shape? {
    switch self {
    case .datewise:
      guard stored.rank == 5, stored[2] == 1 else { return nil }
      return [stored[0], stored[1], stored[3], stored[4]]
    case .pixelwise(let side):
      guard stored.rank == 2, stored[1] > 0, stored[1] % (side * side) == 0 else { return nil }
      return [stored[0], stored[1] / (side * side), side, side]
    }
  }

  /// Returns the distances between neighbours along each axis of the filters, from those of the stored
  /// tensor, whose shape is of this form.
  public func strides(of stored: Shape, _ strides: [Int]) -> [Int] {
    switch self {
    case .datewise: return [strides[0], strides[1], strides[3], strides[4]]
    case .pixelwise(let side):
      let bands = stored[1] / (side * side)
      return [strides[0], strides[1], side * bands * strides[1], bands * strides[1]]
    }
  }
}
