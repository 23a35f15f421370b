/// An n-dimensional array of Float32, or inside a network of bfloat16, with its layout.
///
/// Values are set while a tensor is made and then only read, except for parameters, which an optimiser changes through
/// ``mutate(_:)``. One thread computes at a time; a finished tensor may be handed to another.
public final class Tensor: @unchecked Sendable {
  /// The logical extents.
  public let shape: Shape
  /// The order in memory.
  public let layout: Layout

  private let address: UnsafeMutableRawPointer
  private let bytes: Int
  private let ownsMemory: Bool

  /// Copies of a weight in the layouts that kernels asked for, dropped when the weight changes.
  package var reordered: [AnyHashable: Tensor] = [:]

  /// Uninitialised memory; whoever asks for it fills all of it, padding included.
  package init(uninitialized shape: Shape, layout: Layout = .plain) {
    self.shape = shape
    self.layout = layout
    bytes = layout.bytes(of: shape)
    ownsMemory = true
    address = MemoryPool.shared.take(bytes)
    switch layout.precision {
    case .fp32: address.bindMemory(to: Float.self, capacity: layout.storedCount(of: shape))
    case .bf16: address.bindMemory(to: BFloat16.self, capacity: layout.storedCount(of: shape))
    }
  }

  /// A shape without values: what a recording hands from layer to layer, and what a parameter is before its value is loaded.
  public convenience init(valueless shape: Shape) { self.init(uninitialized: shape, layout: .valueless) }

  /// A plain tensor in memory of somebody else's, who keeps it longer than this tensor lives.
  package init(at memory: UnsafeMutablePointer<Float>, shape: Shape) {
    (self.shape, layout, ownsMemory) = (shape, .plain, false)
    (address, bytes) = (UnsafeMutableRawPointer(memory), 0)
  }

  deinit { if ownsMemory { MemoryPool.shared.give(address, bytes: bytes) } }

  /// A plain tensor filled with one value.
  public convenience init(repeating value: Float, shape: Shape) {
    self.init(uninitialized: shape)
    storage.update(repeating: value, count: shape.count)
  }

  /// A plain tensor from row-major values, as many as `shape` has.
  public convenience init(_ values: [Float], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values do not fill a tensor \(shape)")
    self.init(uninitialized: shape)
    values.withUnsafeBufferPointer { storage.update(from: $0.baseAddress!, count: $0.count) }
  }

  /// A plain tensor whose elements, in row-major order, `fill` writes: all of them.
  public convenience init(shape: Shape, filledBy fill: (UnsafeMutableBufferPointer<Float>) throws -> Void)
    rethrows
  {
    self.init(uninitialized: shape)
    try fill(UnsafeMutableBufferPointer(start: storage, count: shape.count))
  }

  /// The elements where they are Float32, else their address.
  package var storage: UnsafeMutablePointer<Float> { address.assumingMemoryBound(to: Float.self) }

  /// The elements as they are stored.
  package func elements<Element: StoredNumber>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: type)
  }

  /// How many elements lie in memory, padding included.
  package var storedCount: Int { layout.storedCount(of: shape) }

  /// The elements of a plain tensor in row-major order.
  public var values: [Float] { withValues { Array($0) } }

  /// Lends the row-major elements of a plain tensor.
  public func withValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    precondition(
      layout == .plain, "a tensor \(shape) in layout \(layout) has no row-major values; ask Kernels.plain")
    return try body(UnsafeBufferPointer(start: storage, count: shape.count))
  }

  /// Changes a plain tensor in place and forgets every reordered copy of it.
  public func mutate<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result
  {
    precondition(layout == .plain, "a tensor \(shape) in layout \(layout) cannot be changed in place")
    reordered.removeAll()
    return try body(UnsafeMutableBufferPointer(start: storage, count: shape.count))
  }
}
