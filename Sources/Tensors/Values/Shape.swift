/// The extents of a tensor, outermost first: `[N, C, H, W]` for a batch of chips.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first.
  public let extents: [Int]

  /// Creates a shape with the given extents; none may be negative.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "a shape has no negative extent: \(extents)")
    self.extents = extents
  }

  /// Creates a shape written as a list.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The number of elements of a tensor of this shape; 1 for a scalar.
  public var count: Int { extents.reduce(1, *) }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The extent of one axis.
  public subscript(axis: Int) -> Int { extents[axis] }

  /// The extents between brackets, as error messages show them.
  public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}

extension Shape {
  /// Chips in the batch, of an `[N, C, H, W]` shape.
  public var batch: Int { extents[0] }
  /// Channels, of an `[N, C, H, W]` shape.
  public var channels: Int { extents[1] }
  /// Rows, of an `[N, C, H, W]` shape.
  public var height: Int { extents[2] }
  /// Columns, of an `[N, C, H, W]` shape.
  public var width: Int { extents[3] }
}
