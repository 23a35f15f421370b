import Foundation
import Rasters

/// The map from the pixels of a varied chip to those of the chip before: a symmetry of the square, then a
/// rotation and a zoom about the chip's centre, in one affine map.
///
/// Pixels are taken to be square on the ground.
package struct ChipGeometry: Sendable {
  /// The symmetry alone.
  package let symmetry: SquareSymmetry
  /// Whether there is neither rotation nor zoom, so that pixels fall on pixels.
  package let isSymmetry: Bool
  /// Row and column of the source of pixel (0, 0), and how they change from row to row and from column to
  /// column.
  private let origin, downwards, rightwards: (row: Double, column: Double)

  /// Creates the map of chips of `size` pixels a side.
  ///
  /// - Parameters:
  ///   - angle: degrees; positive turns what the chip shows from its first column towards its first row.
  ///   - zoom: above 1 shows less ground, larger.
  package init(symmetry: SquareSymmetry, angle: Double, zoom: Double, size: Int) {
    precondition(angle.isFinite && zoom.isFinite && zoom > 0, "a turn of \(angle) degrees, a zoom of \(zoom)")
    self.symmetry = symmetry
    isSymmetry = angle == 0 && zoom == 1
    let centre = Double(size - 1) / 2
    let (cosine, sine) = (cos(angle * .pi / 180) / zoom, sin(angle * .pi / 180) / zoom)
    func turned(row: Double, column: Double) -> (row: Double, column: Double) {
      (cosine * row - sine * column, sine * row + cosine * column)
    }
    func place(_ row: Int, _ column: Int) -> (row: Double, column: Double) {
      let source = symmetry.source(row: row, column: column, size: size)
      return (Double(source.row) - centre, Double(source.column) - centre)
    }
    let (corner, below, beside) = (place(0, 0), place(1, 0), place(0, 1))
    let first = turned(row: corner.row, column: corner.column)
    origin = (centre + first.row, centre + first.column)
    downwards = turned(row: below.row - corner.row, column: below.column - corner.column)
    rightwards = turned(row: beside.row - corner.row, column: beside.column - corner.column)
  }

  /// Returns the place of the centre of pixel (row, column) of the varied chip in the chip before, whose
  /// pixels have whole numbers.
  @inline(__always)
  package func source(row: Int, column: Int) -> (row: Double, column: Double) {
    (
      origin.row + Double(row) * downwards.row + Double(column) * rightwards.row,
      origin.column + Double(row) * downwards.column + Double(column) * rightwards.column
    )
  }

  /// Returns the pixels of the chip before, and around it, that one of `size` pixels a side is made of at
  /// most.
  func sources(size: Int) -> Window {
    if isSymmetry { return Window(column: 0, row: 0, width: size, height: size) }
    let corners = [(0, 0), (0, size - 1), (size - 1, 0), (size - 1, size - 1)].map {
      source(row: $0, column: $1)
    }
    // A point lies between two pixels; one more for the rounding of those that are not corners.
    func range(_ places: [Double]) -> Range<Int> {
      Int(places.min()!.rounded(.down)) - 1..<Int(places.max()!.rounded(.down)) + 3
    }
    let (rows, columns) = (range(corners.map(\.row)), range(corners.map(\.column)))
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }
}

/// One of the eight ways to lay a square on itself: mirrored or not, turned by right angles.
package struct SquareSymmetry: Hashable, Sendable {
  /// 0 ..< 8; 0 leaves the square as it is.
  package let number: Int

  /// Creates the symmetry of a number.
  package init(number: Int) {
    precondition((0..<8).contains(number), "symmetry \(number) of a square")
    self.number = number
  }

  /// Returns the place of pixel (row, column) of the varied chip in the chip before.
  @inline(__always)
  package func source(row: Int, column: Int, size: Int) -> (row: Int, column: Int) {
    var (row, column) = number & 4 == 0 ? (row, column) : (column, row)
    if number & 1 != 0 { row = size - 1 - row }
    if number & 2 != 0 { column = size - 1 - column }
    return (row, column)
  }
}
