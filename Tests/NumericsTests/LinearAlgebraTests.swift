import Numerics
import Testing

private func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> DoubleMatrix {
  var random = RandomSource(seed: seed, stream: "matrix")
  return DoubleMatrix((0..<rows * columns).map { _ in random.normal() }, rows: rows, columns: columns)
}

private func largestDifference(_ first: [Double], _ second: [Double]) -> Double {
  zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

@Suite("Linear algebra in Double")
struct LinearAlgebraTests {
  @Test("Products are their definition", arguments: [(1, 1), (7, 3), (3, 7), (40, 25)])
  func products(rows: Int, columns: Int) {
    let a = matrix(rows, columns, seed: 1)
    let (x, y) = (matrix(columns, 1, seed: 2).values, matrix(rows, 1, seed: 3).values)
    func element(_ row: Int, _ column: Int) -> Double { a.values[row * columns + column] }
    let gram = (0..<columns * columns).map { place in
      (0..<rows).reduce(0.0) { $0 + element($1, place / columns) * element($1, place % columns) }
    }
    let times = (0..<rows).map { row in (0..<columns).reduce(0.0) { $0 + element(row, $1) * x[$1] } }
    let transposed = (0..<columns).map { column in (0..<rows).reduce(0.0) { $0 + element($1, column) * y[$1] }
    }
    #expect(largestDifference(a.gram().values, gram) < 1e-13)
    #expect(largestDifference(a.times(x), times) < 1e-13)
    #expect(largestDifference(a.transposedTimes(y), transposed) < 1e-13)
  }

  @Test("Eigenvectors are orthonormal and give the matrix back", arguments: [1, 2, 5, 33, 130])
  func eigenvectors(order: Int) throws {
    let half = matrix(order, order, seed: UInt64(order))
    let symmetric = DoubleMatrix(
      (0..<order * order).map { half.values[$0] + half.values[$0 % order * order + $0 / order] },
      rows: order, columns: order)
    let found = try #require(SymmetricEigendecomposition(symmetric))
    #expect(found.values == found.values.sorted())
    for (row, value) in found.values.enumerated() {
      let vector = Array(found.vectors.values[row * order..<(row + 1) * order])
      #expect(largestDifference(symmetric.times(vector), vector.map { value * $0 }) < 1e-12 * Double(order))
    }
    let identity = (0..<order * order).map { $0 / order == $0 % order ? 1.0 : 0 }
    #expect(largestDifference(found.vectors.gram().values, identity) < 1e-13 * Double(order))
  }

  @Test("Eigenvalues that are known: of the second difference, 2 - 2 cos(k pi / (n + 1))")
  func known() throws {
    let order = 20
    let values = (0..<order * order).map { place -> Double in
      let distance = abs(place / order - place % order)
      return distance == 0 ? 2 : distance == 1 ? -1 : 0
    }
    let found = try #require(
      SymmetricEigendecomposition(DoubleMatrix(values, rows: order, columns: order)))
    // Their product is the determinant, n + 1, their sum the trace, 2 n.
    #expect(abs(found.values.reduce(1, *) - 21) < 1e-12 && abs(found.values.reduce(0, +) - 40) < 1e-12)
    #expect(abs(found.values[6] - 1) < 1e-13, "k = 7: 2 - 2 cos(pi / 3)")
  }

  @Test("A matrix of order 0 has no eigenvalues, one that is not finite no decomposition")
  func edges() {
    #expect(SymmetricEigendecomposition(DoubleMatrix([], rows: 0, columns: 0))?.values == [])
    #expect(SymmetricEigendecomposition(DoubleMatrix([1, .nan, .nan, 1], rows: 2, columns: 2)) == nil)
    #expect(SymmetricEigendecomposition(DoubleMatrix([.infinity], rows: 1, columns: 1)) == nil)
  }
}
