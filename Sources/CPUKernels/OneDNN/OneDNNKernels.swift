import Numerics
import Tensors

#if ONEDNN
  import COneDNN
  import Synchronization

  /// The kernel set on oneDNN: vectorised for the CPU at hand, activations in channel blocks of one
  /// precision.
  ///
  /// Algorithms are direct ones, chosen by shape alone, so that the same input gives the same bytes. Layouts
  /// are fixed (16 channels a block with AVX-512, else 8), so that a chain of convolutions never reorders its
  /// activations.
  package final class OneDNNKernels: HostKernels, @unchecked Sendable {
    let engine: dnnl_engine_t
    let stream: dnnl_stream_t
    let reference = ReferenceKernels()
    /// Channels in a block of an activation.
    let block: Int
    /// The precision of activations and of the weights that multiply them; gradients of weights are Float32
    /// in any case.
    let precision: Precision
    private let primitives = Mutex<PrimitiveTable>(PrimitiveTable())
    /// The lock that is held while oneDNN computes: a primitive keeps partial sums and barriers in memory of
    /// its own, so two threads that ran it at once would mix their statistics or wait for each other for
    /// ever.
    private let turn = Mutex<Void>(())

    private struct CompositionTable: @unchecked Sendable {
      var made: [AnyHashable: AnyObject] = [:]
    }

    private let compositions = Mutex<CompositionTable>(CompositionTable())

    private struct PrimitiveTable: @unchecked Sendable {
      var made: [OneDNNPrimitiveKey: OneDNNPrimitive] = [:]
    }

    /// Opens the CPU engine.
    ///
    /// - Parameter precision: bf16 only where oneDNN ``runs(_:)`` it.
    package init(precision: Precision = .fp32) {
      precondition(Self.runs(precision), "oneDNN has no \(precision.rawValue) on this CPU")
      engine = terrane_engine_create()
      stream = terrane_stream_create(engine)
      self.precision = precision
      block = Self.cpuHas(dnnl_cpu_isa_avx512_core) ? 16 : 8
    }

    /// Returns whether oneDNN computes in a precision on this CPU at all: where ``isNative(_:)`` says no, by
    /// converting to Float32 and back, which gains nothing.
    static func runs(_ precision: Precision) -> Bool {
      precision == .fp32 || cpuHas(dnnl_cpu_isa_avx512_core)
    }

    /// Returns whether this CPU has arithmetic of a precision.
    static func isNative(_ precision: Precision) -> Bool {
      precision == .fp32 || cpuHas(dnnl_cpu_isa_avx512_core_bf16)
    }

    private static func cpuHas(_ instructions: dnnl_cpu_isa_t) -> Bool {
      dnnl_get_effective_cpu_isa().rawValue & instructions.rawValue == instructions.rawValue
    }

    deinit {
      primitives.withLock { $0.made = [:] }
      dnnl_stream_destroy(stream)
      dnnl_engine_destroy(engine)
    }

    /// The library, its version and the instruction set it uses: bytes can differ between instruction sets.
    package var name: String {
      let version = dnnl_version().pointee
      let isa = dnnl_get_effective_cpu_isa().rawValue
      let suffix = precision == .fp32 ? "" : ", \(precision.rawValue)"
      return "oneDNN \(version.major).\(version.minor).\(version.patch) (isa \(isa)\(suffix))"
    }

    /// Returns the primitive of `key`, made by `make` at its first use.
    ///
    /// oneDNN divides the work over threads when a primitive is made, not when it runs: the count is part of
    /// what is prepared, and set beforehand.
    func primitive(_ key: OneDNNPrimitiveKey, _ make: () -> UnsafeMutablePointer<terrane_primitive>?)
      -> OneDNNPrimitive
    {
      var key = key
      key.threads = ComputeThreads.count
      OpenMP.use(key.threads)
      return primitives.withLock { table in
        if let made = table.made[key] { return UncheckedBox(made) }
        let made = OneDNNPrimitive(make(), name: "\(key)", threads: key.threads)
        table.made[key] = made
        return UncheckedBox(made)
      }.value
    }

    /// Runs a call of oneDNN that computes, while no other does.
    ///
    /// - Parameter threads: how many it uses; those of the run where nil.
    func alone(threads: Int? = nil, _ call: () -> dnnl_status_t) -> dnnl_status_t {
      OpenMP.use(threads ?? ComputeThreads.count)
      return turn.withLock { _ in call() }
    }

    /// Returns what `make` prepares for a key at its first use, kept until ``releasePrepared()``.
    func prepared<Value: AnyObject & Sendable>(_ key: some Hashable & Sendable, _ make: () -> Value) -> Value
    {
      let known = compositions.withLock { UncheckedBox($0.made[AnyHashable(key)]) }.value
      if let known = known as? Value { return known }
      let made = make()
      compositions.withLock { $0.made[AnyHashable(key)] = made }
      return made
    }

    func execute(_ primitive: OneDNNPrimitive, _ arguments: [(OneDNNArgument, UnsafeMutableRawPointer)]) {
      // The count it was prepared for, whatever another thread has set meanwhile.
      let status = alone(threads: primitive.threads) { self.status(of: primitive, arguments) }
      precondition(
        status == dnnl_success, "oneDNN cannot execute \(primitive.name): status \(status.rawValue)")
    }

    /// Runs a primitive that keeps nothing between its calls, beside others.
    func executeBeside(_ primitive: OneDNNPrimitive, _ arguments: [(OneDNNArgument, UnsafeMutableRawPointer)])
    {
      let status = self.status(of: primitive, arguments)
      precondition(
        status == dnnl_success, "oneDNN cannot execute \(primitive.name): status \(status.rawValue)")
    }

    private func status(
      of primitive: OneDNNPrimitive, _ arguments: [(OneDNNArgument, UnsafeMutableRawPointer)]
    ) -> dnnl_status_t {
      let codes = arguments.map(\.0.code)
      let pointers = arguments.map { Optional($0.1) }
      return terrane_execute(engine, stream, primitive.handle, Int32(codes.count), codes, pointers)
    }

    /// Frees every primitive and composition that was made for the shapes seen so far.
    package func releasePrepared() {
      primitives.withLock { $0.made = [:] }
      compositions.withLock { $0.made = [:] }
    }

    /// Prepares the fused graph for oneDNN; one with an operation that has no prepared form is interpreted.
    package func prepared(_ graph: InferenceGraph) -> any PreparedInference {
      let fused = graph.fused()
      return OneDNNInference(fused, self) ?? GraphInterpreter(graph: fused, kernels: self)
    }

    // MARK: Layouts

    /// Gives the tensor in row-major order; itself when it is plain already.
    package func plain(_ input: Tensor) -> Tensor { reordered(input, to: .plain) }

    /// The layout of activations in memory.
    var layout: Layout { .blocked(block, precision) }

    func blocked(_ input: Tensor) -> Tensor { reordered(input, to: layout) }

    func reordered(_ input: Tensor, to layout: Layout) -> Tensor {
      guard input.layout != layout else { return input }
      let result = Tensor(uninitialized: input.shape, layout: layout)
      let status = alone {
        terrane_reorder(
          engine, stream, terrane_tensor(input), input.hostValues, terrane_tensor(result), result.hostValues)
      }
      precondition(
        status == dnnl_success, "oneDNN cannot reorder \(input.shape) from \(input.layout) to \(layout)")
      return result
    }

    func describe(_ shape: Shape) -> terrane_tensor { terrane_tensor(shape, layout: layout) }

    /// Returns a weight of `shape`, in whole blocks, in whatever layout a primitive likes.
    func describe(weight shape: Shape) -> terrane_tensor { terrane_tensor(shape, block: -1, precision) }

    func empty(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, layout: layout) }

    // MARK: Matrices

    /// Multiplies two plain matrices, either one given transposed.
    package func matrixProduct(_ left: Tensor, _ right: Tensor, transposeLeft: Bool, transposeRight: Bool)
      -> Tensor
    {
      let (rows, inner) = transposeLeft ? (left.shape[1], left.shape[0]) : (left.shape[0], left.shape[1])
      let (innerRight, columns) =
        transposeRight ? (right.shape[1], right.shape[0]) : (right.shape[0], right.shape[1])
      precondition(inner == innerRight, "matrices \(left.shape) and \(right.shape) do not chain")
      let result = Tensor(uninitialized: [rows, columns])
      MatrixProduct(
        rows: rows, columns: columns, inner: inner, transposeLeft: transposeLeft,
        transposeRight: transposeRight
      ).computeOnAllThreads(left.hostValues, right.hostValues, into: result.hostValues)
      return result
    }
  }

  /// Carries a reference across a lock; its user has the thread to itself.
  private struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }
#endif
