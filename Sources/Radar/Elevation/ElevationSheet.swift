import Rasters

/// Rasters of heights that lie on one grid of cells, as the tiles of a model do.
struct ElevationSheet: Sendable {
  /// A raster of the sheet.
  struct Tile: Hashable, Sendable {
    let path: String
    /// The cells that it has.
    let window: Window
  }

  /// The system of the cells' places.
  let crs: CRS
  /// The transform of the first tile, from which cells are counted.
  let transform: GeoTransform
  private(set) var tiles: [Tile]

  /// Starts a sheet with a raster; nil where it has no position.
  init?(_ path: String, _ grid: Grid) {
    guard let crs = grid.crs, let transform = grid.transform, transform.inverse != nil else { return nil }
    (self.crs, self.transform) = (crs, transform)
    tiles = [Tile(path: path, window: grid.bounds)]
  }

  /// Takes in a raster whose cells lie on the sheet's; returns whether they do.
  mutating func takeIn(_ path: String, _ grid: Grid) -> Bool {
    guard transform.isNorthUp, let other = grid.transform, other.isNorthUp, let theirs = grid.crs,
      theirs.isSame(as: crs)
    else { return false }
    let column = (other.originX - transform.originX) / transform.columnX
    let row = (other.originY - transform.originY) / transform.rowY
    // Where the last of its cells would lie counts: sizes are rounded differently.
    let last = (
      (other.originX + Double(grid.width) * other.columnX - transform.originX) / transform.columnX
        - Double(grid.width),
      (other.originY + Double(grid.height) * other.rowY - transform.originY) / transform.rowY
        - Double(grid.height)
    )
    let offsets = [column, last.0, row, last.1]
    guard offsets.allSatisfy({ abs($0 - $0.rounded()) < 0.01 && abs($0) < 1e9 }),
      column.rounded() == last.0.rounded(),
      row.rounded() == last.1.rounded()
    else { return false }
    let (columns, rows) = (Int(column.rounded()), Int(row.rounded()))
    tiles.append(Tile(path: path, window: grid.bounds.offset(columns: columns, rows: rows)))
    return true
  }

  /// Cells around the globe; nil where they do not go around it.
  var turn: Int? {
    guard crs.isGeographic, transform.isNorthUp else { return nil }
    let cells = 360 / transform.columnX
    return abs(cells - cells.rounded()) < 0.01 && cells < 1e9 ? Int(cells.rounded()) : nil
  }

  /// The tiles that have cells in a window, and where their first cells are when it is reached around the
  /// globe.
  func tiles(in window: Window) -> [Tile] {
    let turns = turn.map { [-$0, 0, $0] } ?? [0]
    return tiles.flatMap { tile in
      turns.compactMap { turn in
        let moved = tile.window.offset(columns: turn, rows: 0)
        return moved.intersection(window) == nil ? nil : Tile(path: tile.path, window: moved)
      }
    }
  }
}
