extension Grid {
  /// Returns the pixels that both grids have, as a window of each; nil where they share no ground, or where
  /// the pixels of one do not lie on those of the other, to 1/100 pixel.
  ///
  /// Grids without georeferencing share nothing: nobody knows what they show.
  public func overlap(with other: Grid) -> (own: Window, other: Window)? {
    guard let crs, let theirs = other.crs, crs.isSame(as: theirs), let transform,
      let inverse = other.transform?.inverse
    else { return nil }
    func place(_ column: Int, _ row: Int) -> (x: Double, y: Double) {
      let corner = transform.apply(column: Double(column), row: Double(row))
      return inverse.apply(column: corner.x, row: corner.y)
    }
    let first = place(0, 0)
    guard abs(first.x) < 1e9, abs(first.y) < 1e9 else { return nil }
    let (columns, rows) = (Int(first.x.rounded()), Int(first.y.rounded()))
    for (column, row) in [(0, 0), (width, 0), (0, height), (width, height)] {
      let corner = place(column, row)
      guard abs(corner.x - Double(columns + column)) < 0.01, abs(corner.y - Double(rows + row)) < 0.01 else {
        return nil
      }
    }
    guard let shared = bounds.offset(columns: columns, rows: rows).intersection(other.bounds) else {
      return nil
    }
    return (shared.offset(columns: -columns, rows: -rows), shared)
  }
}
