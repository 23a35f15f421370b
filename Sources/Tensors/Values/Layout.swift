/// The order of a tensor's elements in memory.
///
/// A chain of convolutions keeps the layout that its kernels like, so that nothing is reordered between them.
public enum Layout: Hashable, Sendable {
  /// Row-major, the last axis fastest.
  case plain
  /// `[N, C/b, H, W, b]`: channels in blocks of `b`, the last block padded with zeros (oneDNN's `nChw8c`,
  /// `nChw16c`), in either precision.
  case blocked(Int, Precision)
  /// Nowhere: a shape on its way through a recording, without values.
  case valueless

  /// The precision of an element.
  public var precision: Precision {
    if case .blocked(_, let precision) = self { precision } else { .fp32 }
  }

  /// Returns the number of bytes that a tensor of `shape` takes in memory, padding included.
  package func bytes(of shape: Shape) -> Int { storedCount(of: shape) * precision.bytes }

  /// Returns the number of elements that a tensor of `shape` takes in memory, padding included.
  public func storedCount(of shape: Shape) -> Int {
    switch self {
    case .plain: shape.count
    case .valueless: 0
    case .blocked(let block, _):
      shape.batch * ((shape.channels + block - 1) / block * block) * shape.height * shape.width
    }
  }
}
