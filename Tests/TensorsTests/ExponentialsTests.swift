import Foundation
import Tensors
import Testing

@Suite("Exponentials")
struct ExponentialsTests {
  private func exponentials(of values: [Float]) -> [Float] {
    var values = values
    values.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { takeExponentials(base, count: $0.count) }
    }
    return values
  }

  @Test("are those of Double to 4 units in the last place, from what vanishes to what overflows")
  func precision() {
    let values = (0...200_000).map { Float($0) * 0.0009 - 92 }
    let found = exponentials(of: values)
    let isClose = zip(values, found).allSatisfy { value, found in
      let exact = exp(Double(value))
      return Double(found).isInfinite
        ? exact > Double(Float.greatestFiniteMagnitude)
        : abs(Double(found) - exact) <= 4 * Double(Float(exact).ulp)
    }
    #expect(isClose)
  }

  @Test("of what is not finite are 0, infinite and NaN")
  func limits() {
    let found = exponentials(of: [-.infinity, .infinity, .nan, 0])
    #expect(found[0] == 0 && found[1] == .infinity && found[2].isNaN && found[3] == 1)
  }

  @Test("do not depend on the place of a value among the others")
  func place() {
    let values = (0..<37).map { Float($0) * 0.37 - 9 }
    let whole = exponentials(of: values)
    for start in [1, 5, 8, 30] {
      #expect(exponentials(of: Array(values[start...])) == Array(whole[start...]))
    }
    #expect(exponentials(of: []).isEmpty)
  }
}
