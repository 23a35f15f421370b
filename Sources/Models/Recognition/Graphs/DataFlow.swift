/// What a network does to its input, operation by operation, as far as it can be compared with what another
/// description of a network does.
struct DataFlow {
  /// An operation with numbers of its own, or without.
  enum Operation: Hashable {
    case input
    /// A convolution `[K, C / g, k, l]`; zeros before and after rows, then before and after columns. An axis
    /// of one tap has the dilation 1.
    case convolution(shape: [Int], strides: [Int], dilations: [Int], zeros: [Int])
    /// A linear map `[K, C]`.
    case linear(shape: [Int])
    /// A normalisation of channels that does not follow a convolution.
    case normalization(channels: Int)
    /// Any other operation, by what it is called here.
    case function(String)
  }

  /// An operation in its place.
  struct Node {
    var operation: Operation
    /// The places of what it reads, in order; of sums and products in any.
    var sources: [Int]
  }

  /// The operations, each after those that it reads.
  private(set) var nodes: [Node] = []

  /// Returns the dilations of a convolution `[K, C / g, k, l]` as they are compared.
  static func dilations(_ dilations: [Int], of shape: [Int]) -> [Int] {
    zip(dilations, shape.suffix(2)).map { $1 == 1 ? 1 : $0 }
  }

  /// Adds an operation and returns its place.
  mutating func add(_ operation: Operation, _ sources: [Int]) -> Int {
    nodes.append(Node(operation: operation, sources: sources))
    return nodes.count - 1
  }
}

/// Numbers for what operations compute: two operations have one number if they do the same to the same, so
/// that equal numbers mean equal networks up to there.
struct DataFlowNumbers {
  private struct Key: Hashable {
    let operation: DataFlow.Operation
    let sources: [Int]
  }

  private var known: [Key: Int] = [:]
  /// What each join joins, none of it a join itself.
  private var joined: [Int: [Int]] = [:]

  /// The most maps that are seen as joined at once: a dense network has some sixty.
  private static let joinLimit = 256

  /// Returns the number of each operation.
  mutating func numbers(of flow: DataFlow) -> [Int] {
    var numbers: [Int] = []
    for node in flow.nodes {
      var sources = node.sources.map { numbers[$0] }
      if case .function("sum") = node.operation { sources.sort() }
      if case .function("product") = node.operation { sources.sort() }
      if case .function("join") = node.operation {
        // One by one or at once, the same channels stand in the same order.
        let count = sources.reduce(0) { $0 + (joined[$1]?.count ?? 1) }
        if count <= Self.joinLimit { sources = sources.flatMap { joined[$0] ?? [$0] } }
        if sources.count == 1 {
          numbers.append(sources[0])
          continue
        }
      }
      let key = Key(operation: node.operation, sources: sources)
      let number = known[key] ?? known.count
      known[key] = number
      if case .function("join") = node.operation { joined[number] = sources }
      numbers.append(number)
    }
    return numbers
  }
}
