import Tensors

/// A parameter that publishers keep in several tensors.
public struct Assembly: Hashable, Sendable {
  /// The way in which the tensors make up the parameter.
  public enum Form: Hashable, Sendable {
    /// One after the other along the first axis.
    case rows
    /// Filters `[K, C, k, k]` of groups of bands: those of a group are 0 for the bands of all others,
    /// `[sum of K, sum of C, k, k]`.
    case groups
  }

  /// The path of the parameter.
  public let path: String
  /// The paths of the tensors, in order.
  public let sources: [String]
  /// How they make it up.
  public let form: Form

  /// Returns the shape of the parameter that tensors of these shapes make up; nil where they do not.
  public func shape(of sources: [Shape]) -> Shape? {
    guard sources.count == self.sources.count, let first = sources.first, first.rank > 0 else { return nil }
    let rows = sources.reduce(0) { $0 + ($1.extents.first ?? 0) }
    switch form {
    case .rows:
      let inner = first.extents.dropFirst()
      guard sources.allSatisfy({ $0.rank > 0 && $0.extents.dropFirst() == inner }) else { return nil }
      return Shape([rows] + inner)
    case .groups:
      guard
        sources.allSatisfy({ $0.rank == 4 && $0.extents.suffix(2) == first.extents.suffix(2) })
      else { return nil }
      return Shape([rows, sources.reduce(0) { $0 + $1[1] }] + first.extents.suffix(2))
    }
  }

  /// Returns the parameter that tensors make up whose shapes do.
  public func parameter(of sources: [Tensor]) -> Tensor {
    let shape = shape(of: sources.map(\.shape))!
    guard form == .groups else { return Tensor(sources.flatMap(\.values), shape: shape) }
    let (bands, area) = (shape[1], shape[2] * shape[3])
    var values = Array(repeating: Float(0), count: shape.count)
    var (filter, band) = (0, 0)
    for source in sources {
      let count = source.shape[1] * area
      for (row, start) in stride(from: 0, to: source.shape.count, by: max(1, count)).enumerated() {
        let place = ((filter + row) * bands + band) * area
        values.replaceSubrange(place..<place + count, with: source.values[start..<start + count])
      }
      (filter, band) = (filter + source.shape[0], band + source.shape[1])
    }
    return Tensor(values, shape: shape)
  }
}
