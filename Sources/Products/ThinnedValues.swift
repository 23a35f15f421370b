/// Some of the values that come in pieces, one every so many.
package struct ThinnedValues<Value> {
  package private(set) var values: [Value] = []
  private var position = 0
  private let step: Int

  /// Keeps about 65,536 of `count` values, or all of fewer.
  package init(of count: Int) { step = max(1, count / (1 << 16)) }

  /// Takes the next piece.
  package mutating func add(_ piece: [Value]) {
    for value in piece {
      if position % step == 0 { values.append(value) }
      position += 1
    }
  }
}
