/// Groups of nodes of a directed graph each of which reaches all others of its group.
///
/// - Source: Tarjan 1972, doi:10.1137/0201010.
struct Circles {
  /// The groups of more than one node, the largest first.
  private(set) var groups: [[Int]] = []
  private let next: [[Int]]
  private var order: [Int?]
  private var lowest: [Int]
  private var isOpen: [Bool]
  private var path: [Int] = []
  private var count = 0

  /// Looks for the circles of a graph.
  ///
  /// - Parameter next: the nodes that each node points to.
  init(_ next: [[Int]]) {
    self.next = next
    order = Array(repeating: nil, count: next.count)
    lowest = Array(repeating: 0, count: next.count)
    isOpen = Array(repeating: false, count: next.count)
    for node in next.indices where order[node] == nil { visit(node) }
    groups.sort { $0.count > $1.count }
  }

  private mutating func visit(_ node: Int) {
    (order[node], lowest[node], isOpen[node]) = (count, count, true)
    count += 1
    path.append(node)
    for other in next[node] {
      if let place = order[other] {
        if isOpen[other] { lowest[node] = min(lowest[node], place) }
      } else {
        visit(other)
        lowest[node] = min(lowest[node], lowest[other])
      }
    }
    guard lowest[node] == order[node] else { return }
    let first = path.lastIndex(of: node)!
    let group = Array(path[first...])
    path.removeSubrange(first...)
    for member in group { isOpen[member] = false }
    if group.count > 1 { groups.append(group.sorted()) }
  }
}
