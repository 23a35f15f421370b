/// Neighbouring columns of windows that are slid over together, from the top of a scene to its bottom.
///
/// What a slide holds grows with the width of what it slides over: panels bound it, whatever the scene's
/// width. Windows of two panels share pixels as all neighbours do; no window is computed twice.
public struct Panel: Hashable, Sendable {
  /// The columns of windows, as places in ``WindowPlan/starts``.
  public let windows: Range<Int>
  /// The pixels of the axis that these windows cover.
  public let covered: Range<Int>
  /// The pixels that no window of a later panel touches, and none of an earlier one finished; they begin
  /// where ``covered`` does.
  public let finished: Range<Int>
}

extension WindowPlan {
  /// Divides the windows into panels of about `width` pixels, each of at least one window and all of much the
  /// same size.
  ///
  /// Windows are `width` apart from the first of one panel to the first of the next at most; what panels
  /// share comes on top.
  public func panels(width: Int) -> [Panel] {
    let step = starts.count > 1 ? starts[1] - starts[0] : extent
    let most = width >= extent ? starts.count : max(1, width / step)
    let count = (starts.count + most - 1) / most
    return (0..<count).map { index in
      let windows = starts.count * index / count..<starts.count * (index + 1) / count
      let (first, last) = (windows.lowerBound, windows.upperBound - 1)
      return Panel(
        windows: windows, covered: starts[first]..<min(extent, starts[last] + size),
        finished: starts[first]..<finished(after: last))
    }
  }
}
