/// Some rows of one number a pixel; NaN where the pixel was not observed.
package struct Plane: Sendable {
  /// Columns.
  package let width: Int
  /// `[H, W]`, row by row.
  package var values: [Float]

  /// Creates a plane of rows of `width` values.
  package init(width: Int, values: [Float]) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) values in rows of \(width)")
    (self.width, self.values) = (width, values)
  }

  /// Rows.
  package var height: Int { values.count / width }

  /// Returns the rows of a range.
  func cut(_ rows: Range<Int>) -> Plane {
    Plane(width: width, values: Array(values[rows.lowerBound * width..<rows.upperBound * width]))
  }
}

/// A plane that is computed or read in strips of rows: bands, ratios, filters of them. One reads what it
/// needs of another.
///
/// The values of a row do not depend on the strip that it is asked for in.
package protocol PlaneSource {
  /// Columns.
  var width: Int { get }
  /// Rows.
  var height: Int { get }

  /// Returns the values of some rows.
  ///
  /// - Throws: what reading throws.
  func read(rows: Range<Int>) throws -> Plane
}

extension PlaneSource {
  /// Calls `body` for strips of rows from top to bottom, with the place of their first row.
  package func forEachStrip(_ body: (Plane, Int) throws -> Void) throws {
    for rows in strips(height: height, width: width) { try body(read(rows: rows), rows.lowerBound) }
  }

  /// Filters some rows with a filter that needs `halo` rows on either side; beyond the first and the last row
  /// there is nothing.
  func filtered(_ rows: Range<Int>, halo: Int, _ filter: (Plane) -> Plane) throws -> Plane {
    let first = max(0, rows.lowerBound - halo)
    let result = filter(try read(rows: first..<min(height, rows.upperBound + halo)))
    return result.cut(rows.lowerBound - first..<rows.upperBound - first)
  }
}

/// A plane that is held in memory.
package struct PlaneInMemory: PlaneSource, Sendable {
  package let plane: Plane
  package var width: Int { plane.width }
  package var height: Int { plane.height }

  package init(_ plane: Plane) { self.plane = plane }

  package func read(rows: Range<Int>) -> Plane { plane.cut(rows) }
}

/// A plane that is some function of another, pixel by pixel; what was not observed stays so.
package struct MappedPlane: PlaneSource {
  private let source: any PlaneSource
  private let function: (Float) -> Float
  package var width: Int { source.width }
  package var height: Int { source.height }

  package init(_ source: any PlaneSource, _ function: @escaping (Float) -> Float) {
    (self.source, self.function) = (source, function)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    var plane = try source.read(rows: rows)
    for index in plane.values.indices { plane.values[index] = function(plane.values[index]) }
    return plane
  }
}
