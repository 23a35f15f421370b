/// A rectangle of whole pixels on a raster: plain arithmetic that knows no file.
///
/// Columns grow to the right and rows downwards from the raster's first pixel. A window may reach beyond its
/// raster.
public struct Window: Hashable, Sendable, CustomStringConvertible {
  /// The first column.
  public var column: Int
  /// The first row.
  public var row: Int
  /// The number of columns, never negative.
  public var width: Int
  /// The number of rows, never negative.
  public var height: Int

  /// Creates a window; a negative size is a programming error.
  public init(column: Int, row: Int, width: Int, height: Int) {
    precondition(width >= 0 && height >= 0, "window of \(width) x \(height) pixels")
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// The columns that the window covers.
  public var columns: Range<Int> { column..<(column + width) }
  /// The rows that the window covers.
  public var rows: Range<Int> { row..<(row + height) }
  /// The number of pixels.
  public var pixelCount: Int { width * height }
  /// Whether the window holds no pixel.
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// Returns the pixels that both windows cover, nil where there are none.
  public func intersection(_ other: Window) -> Window? {
    let columns = self.columns.clamped(to: other.columns)
    let rows = self.rows.clamped(to: other.rows)
    guard !columns.isEmpty, !rows.isEmpty else { return nil }
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Returns the part of the window that lies within a raster of the given size, nil where none does.
  public func clamped(toWidth width: Int, height: Int) -> Window? {
    intersection(Window(column: 0, row: 0, width: width, height: height))
  }

  /// Returns whether every pixel of `other` lies within this window.
  public func contains(_ other: Window) -> Bool {
    other.isEmpty || intersection(other) == other
  }

  /// Returns whether the pixel lies within this window.
  public func contains(column: Int, row: Int) -> Bool {
    columns.contains(column) && rows.contains(row)
  }

  /// Returns the smallest window that covers both; an empty one adds nothing.
  public func union(_ other: Window) -> Window {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(column, other.column)
    let top = min(row, other.row)
    return Window(
      column: left, row: top, width: max(columns.upperBound, other.columns.upperBound) - left,
      height: max(rows.upperBound, other.rows.upperBound) - top)
  }

  /// Returns the window with `margin` more pixels on each side.
  public func grown(by margin: Int) -> Window {
    Window(
      column: column - margin, row: row - margin, width: width + 2 * margin, height: height + 2 * margin)
  }

  /// Returns the same window counted from another origin.
  public func offset(columns: Int, rows: Int) -> Window {
    Window(column: column + columns, row: row + rows, width: width, height: height)
  }

  /// Full-width strips of at most `height` rows that cover the window from top to bottom.
  public func strips(ofHeight height: Int) -> [Window] {
    precondition(height > 0, "strips of \(height) rows")
    return stride(from: rows.lowerBound, to: rows.upperBound, by: height).map { top in
      Window(column: column, row: top, width: width, height: min(height, rows.upperBound - top))
    }
  }

  /// "columns 0..<512, rows 64..<128".
  public var description: String {
    "columns \(column)..<\(column + width), rows \(row)..<\(row + height)"
  }
}
