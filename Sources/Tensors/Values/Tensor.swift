/// An n-dimensional array of Float32, or inside a network of bfloat16, with its layout.
///
/// Values are set while a tensor is made and then only read, except for parameters, which an optimiser
/// changes through ``mutate(_:)``. One thread computes at a time; a finished tensor may be handed to another.
public final class Tensor: @unchecked Sendable {
  /// The logical extents.
  public let shape: Shape
  /// The order in memory.
  public let layout: Layout

  /// The memory of the elements.
  package let storage: any Storage
  /// The storage's address, kept at hand for inner loops.
  private let address: UnsafeMutableRawPointer?

  /// Copies of a weight in the layouts that kernels asked for, dropped when the weight changes.
  package var reordered: [AnyHashable: Tensor] = [:]

  /// Creates a tensor whose elements lie in `storage`, padding included.
  package init(_ shape: Shape, layout: Layout = .plain, in storage: any Storage) {
    precondition(
      storage.bytes >= layout.bytes(of: shape), "\(storage.bytes) bytes do not hold a tensor \(shape)")
    (self.shape, self.layout, self.storage) = (shape, layout, storage)
    address = storage.hostAddress
  }

  /// Uninitialised memory of the host; whoever asks for it fills all of it, padding included.
  package convenience init(uninitialized shape: Shape, layout: Layout = .plain) {
    let storage = HostStorage(bytes: layout.bytes(of: shape))
    switch layout.precision {
    case .fp32: storage.address.bindMemory(to: Float.self, capacity: layout.storedCount(of: shape))
    case .bf16: storage.address.bindMemory(to: BFloat16.self, capacity: layout.storedCount(of: shape))
    }
    self.init(shape, layout: layout, in: storage)
  }

  /// Creates a shape without values: what a recording hands from layer to layer, and what a parameter is
  /// before its value is loaded.
  public convenience init(valueless shape: Shape) { self.init(uninitialized: shape, layout: .valueless) }

  /// Creates a plain tensor in host memory of somebody else's, who keeps it longer than this tensor lives.
  package convenience init(at memory: UnsafeMutablePointer<Float>, shape: Shape) {
    self.init(shape, in: HostStorage(at: memory, bytes: Layout.plain.bytes(of: shape)))
  }

  /// Creates a plain tensor filled with one value.
  public convenience init(repeating value: Float, shape: Shape) {
    self.init(uninitialized: shape)
    hostValues.update(repeating: value, count: shape.count)
  }

  /// Creates a plain tensor from row-major values, as many as `shape` has.
  public convenience init(_ values: [Float], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values do not fill a tensor \(shape)")
    self.init(uninitialized: shape)
    values.withUnsafeBufferPointer { hostValues.update(from: $0.baseAddress!, count: $0.count) }
  }

  /// Creates a plain tensor whose elements, in row-major order, `fill` writes: all of them.
  public convenience init(shape: Shape, filledBy fill: (UnsafeMutableBufferPointer<Float>) throws -> Void)
    rethrows
  {
    self.init(uninitialized: shape)
    try fill(UnsafeMutableBufferPointer(start: hostValues, count: shape.count))
  }

  /// The device whose memory the elements lie in.
  public var device: Device { storage.device }

  /// The tensor in the host's memory: itself where its elements lie there, else a copy.
  package var onHost: Tensor {
    guard address == nil else { return self }
    let copy = Tensor(uninitialized: shape, layout: layout)
    storage.copy(to: copy.hostAddress)
    return copy
  }

  /// The elements in the host's memory where they are Float32, else their address. Traps where they lie
  /// elsewhere: code that may be given such a tensor asks for ``onHost`` first.
  package var hostValues: UnsafeMutablePointer<Float> { hostAddress.assumingMemoryBound(to: Float.self) }

  /// Returns the elements in the host's memory as they are stored.
  package func elements<Element: StoredNumber>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
    hostAddress.assumingMemoryBound(to: type)
  }

  private var hostAddress: UnsafeMutableRawPointer {
    guard let address else { refuse() }
    return address
  }

  @inline(never)
  private func refuse() -> Never {
    preconditionFailure("a tensor \(shape) in the memory of \(device) has no address on the host")
  }

  /// The number of elements in memory, padding included.
  package var storedCount: Int { layout.storedCount(of: shape) }

  /// The elements of a plain tensor in row-major order.
  public var values: [Float] { withValues { Array($0) } }

  /// Lends the row-major elements of a plain tensor, or a copy where they do not lie in the host's memory.
  public func withValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    precondition(
      layout == .plain,
      "a tensor \(shape) in layout \(layout) has no row-major values; ask ForwardKernels.plain")
    let host = onHost
    return try withExtendedLifetime(host) {
      try body(UnsafeBufferPointer(start: host.hostValues, count: shape.count))
    }
  }

  /// Changes a plain tensor in place and forgets every reordered copy of it. Where its elements do not lie in
  /// the host's memory, a copy is changed and put in their place.
  public func mutate<Result>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result
  {
    precondition(layout == .plain, "a tensor \(shape) in layout \(layout) cannot be changed in place")
    reordered.removeAll()
    let host = onHost
    defer { if host !== self { storage.replace(by: host.hostAddress) } }
    return try body(UnsafeMutableBufferPointer(start: host.hostValues, count: shape.count))
  }
}
