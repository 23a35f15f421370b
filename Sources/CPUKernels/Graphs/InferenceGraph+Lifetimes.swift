import Tensors

extension InferenceGraph {
  /// Whether it holds operations whose shapes are those of the one image that was recorded.
  var isOfOneImage: Bool {
    nodes.contains { node in
      switch node.operation {
      case .plain, .linearMap: true
      default: false
      }
    }
  }

  /// The last node that reads each node, itself where none does; the output is read after all.
  var lastReaders: [Int] {
    var last = Array(nodes.indices)
    for (place, node) in nodes.enumerated() {
      for source in node.operation.sources { last[source] = place }
    }
    last[output] = nodes.count
    return last
  }

  /// The last reader of each node, counting the readers of what is part of its result and lies in it, which
  /// keeps it alive.
  var lastReadersThroughViews: [Int] {
    var last = lastReaders
    for place in nodes.indices.reversed() {
      guard let view = view(at: place) else { continue }
      last[view.source] = max(last[view.source], last[place])
    }
    return last
  }

  /// Finds the node whose numbers this node is a part of, in their order, and the first of them; nil for a
  /// node with numbers of its own.
  func view(at place: Int) -> (source: Int, offset: Int)? {
    guard case .plain(let operation, let operands) = nodes[place].operation, let source = operands[0].node
    else { return nil }
    return switch operation {
    case is Reshaping: (source, 0)
    case let slice as LeadingSlice: (source, slice.place * nodes[place].shape.count)
    default: nil
    }
  }
}
