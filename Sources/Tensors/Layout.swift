/// How the elements of a tensor lie in memory.
///
/// A chain of convolutions keeps the layout that its kernels like, so that nothing is reordered between them.
public enum Layout: Hashable, Sendable {
  /// Row-major, the last axis fastest.
  case plain
  /// `[N, C/b, H, W, b]`: channels in blocks of `b`, the last block padded with zeros (oneDNN's `nChw8c`, `nChw16c`).
  case blocked(Int)
  /// Nowhere: a shape on its way through a recording, without values.
  case valueless

  /// How many elements a tensor of `shape` takes in memory, padding included.
  public func storedCount(of shape: Shape) -> Int {
    switch self {
    case .plain: shape.count
    case .valueless: 0
    case .blocked(let block):
      shape.batch * ((shape.channels + block - 1) / block * block) * shape.height * shape.width
    }
  }
}
