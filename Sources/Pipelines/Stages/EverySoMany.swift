/// Some of the values that come in pieces, one every so many.
struct EverySoMany<Value> {
  private(set) var values: [Value] = []
  private var position = 0
  private let step: Int

  /// About 65,536 of `count` values, or all of fewer.
  init(of count: Int) { step = max(1, count / (1 << 16)) }

  /// Takes the next piece.
  mutating func add(_ piece: [Value]) {
    for value in piece {
      if position % step == 0 { values.append(value) }
      position += 1
    }
  }
}
