/// Numbers that are joined to sets, each set named by its lowest number.
package struct DisjointSets {
  private var parents: [Int32] = []

  /// Creates an empty forest without any number.
  package init() {}

  /// `count` numbers, each a set of its own.
  package init(_ count: Int) { parents = (0..<Int32(count)).map { $0 } }

  /// Adds a number, in a set of its own, and returns it.
  package mutating func add() -> Int32 {
    parents.append(Int32(parents.count))
    return parents[parents.count - 1]
  }

  /// Returns the lowest number of the set that holds `number`.
  package mutating func root(of number: Int32) -> Int32 {
    var root = number
    while parents[Int(root)] != root {
      parents[Int(root)] = parents[Int(parents[Int(root)])]
      root = parents[Int(root)]
    }
    return root
  }

  /// Makes one set of the two that hold `first` and `second`.
  package mutating func join(_ first: Int32, _ second: Int32) {
    let (a, b) = (root(of: first), root(of: second))
    parents[Int(max(a, b))] = min(a, b)
  }
}
