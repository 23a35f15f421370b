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
