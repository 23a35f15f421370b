/// A cover of an axis of any length by windows of one size: pure arithmetic.
///
/// Windows start `size - overlap` apart; the last one is moved back so that it ends with the axis. An axis
/// shorter than a window has one window, which then reaches beyond the axis.
public struct WindowPlan: Hashable, Sendable {
  /// Pixels of the axis.
  public let extent: Int
  /// Pixels of a window.
  public let size: Int
  /// The first pixel of each window, ascending.
  public let starts: [Int]

  /// Covers `extent` pixels (at least 1) by windows of `size` that share at least `overlap` (less than
  /// `size`) pixels.
  public init(extent: Int, size: Int, overlap: Int) {
    precondition(extent > 0 && size > 0, "nothing to cover: \(extent) pixels by windows of \(size)")
    precondition((0..<size).contains(overlap), "an overlap of \(overlap) does not fit windows of \(size)")
    self.extent = extent
    self.size = size
    let last = max(0, extent - size)
    starts = Array(stride(from: 0, to: last, by: size - overlap)) + [last]
  }

  /// Covers `extent` pixels by as few windows as windows of `window` would take, no larger than that needs:
  /// what the last window would compute a second time is saved.
  ///
  /// - Parameters:
  ///   - multiple: windows are whole multiples of it, and so is `window`.
  ///   - smallest: no window is smaller; at most `window`.
  public init(extent: Int, fitting window: Int, overlap: Int, multiple: Int, smallest: Int = 1) {
    let step = max(1, window - overlap)
    let count = extent <= window ? 1 : (extent - overlap + step - 1) / step
    let needed = (extent + (count - 1) * overlap + count - 1) / count
    let size = min(window, (max(needed, smallest) + multiple - 1) / multiple * multiple)
    self.init(extent: extent, size: size, overlap: min(overlap, size - 1))
  }

  /// Returns the number of pixels before the start of window `index + 1` that are final once window `index`
  /// is done.
  public func finished(after index: Int) -> Int { index + 1 < starts.count ? starts[index + 1] : extent }
}

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
