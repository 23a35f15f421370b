import Numerics
import Tensors

#if ONEDNN
  import COneDNN
  import Synchronization

  /// A graph prepared for oneDNN and Winograd's transforms.
  ///
  /// Each image is one thread's work from the first operation to the last: threads never wait for each other,
  /// what a thread has just written is in its own cache, and the arithmetic of an image is the same in every
  /// batch.
  final class OneDNNInference: PreparedInference {
    private let steps: [any InferenceStep]
    private let arenaCount: Int
    let inputShape, outputShape: Shape
    private let arenas = ArenaPool()
    private let weights: [PackedWeight]

    var isThreadOfItsOwn: Bool { true }

    var weightBytes: Int { weights.reduce(0) { $0 + $1.bytes } }

    var bytesPerThread: Int { arenaCount * MemoryLayout<Float>.stride }

    /// Prepares a fused graph; nil where it has an operation that has no prepared form.
    init?(_ graph: InferenceGraph, _ kernels: OneDNNKernels) {
      OpenMP.use(1)
      var builder = OneDNNInferenceBuilder(graph, kernels)
      guard builder.build() else { return nil }
      steps = builder.steps
      (arenaCount, weights) = (builder.arena.count, builder.weights)
      (inputShape, outputShape) = (graph.inputShape, graph.outputShape)
    }

    /// Packs the weights into the layouts of their kernels, and gives the memory of the plain ones back to
    /// the system, because nothing asks for blocks of those sizes again.
    func packWeights() {
      guard weights.contains(where: { !$0.isPacked }) else { return }
      for weight in weights { weight.pack() }
      MemoryPool.shared.trim()
    }

    func callAsFunction(_ images: Tensor) -> Tensor {
      let shape = images.shape
      precondition(
        [1, shape.channels, shape.height, shape.width] == inputShape && images.layout == .plain,
        "a network prepared for \(inputShape) cannot take \(shape) in layout \(images.layout)")
      packWeights()
      let batch = shape.batch
      let result = Tensor(uninitialized: Shape([batch] + outputShape.extents.dropFirst()))
      parallelLoop(batch) { image in
        // OpenMP's count belongs to the thread: a primitive that was made for one thread runs on one.
        OpenMP.use(1)
        arenas.lend(arenaCount) { arena in
          let frame = InferenceFrame(
            arena: arena, input: images.hostValues + image * inputShape.count,
            output: result.hostValues + image * outputShape.count)
          for step in steps { step.run(in: frame) }
        }
      }
      return result
    }
  }

  /// The memory in which one image is computed.
  struct InferenceFrame {
    /// The arena of all intermediate results, each at its slot.
    let arena: UnsafeMutablePointer<Float>
    /// The image, plain `[C, H, W]`.
    let input: UnsafePointer<Float>
    /// The scores of the image, plain `[K, H, W]`.
    let output: UnsafeMutablePointer<Float>

    subscript(slot: ArenaPlan.Slot) -> UnsafeMutablePointer<Float> { arena + slot.offset }
  }

  /// One prepared operation; may run on several images at once.
  protocol InferenceStep: Sendable {
    func run(in frame: InferenceFrame)
  }

  /// Lends each thread an arena and keeps it for the next image.
  private final class ArenaPool: Sendable {
    private let free = Mutex<[Tensor]>([])

    func lend(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
      let arena = free.withLock { $0.popLast() } ?? Tensor(uninitialized: [count])
      body(arena.hostValues)
      free.withLock { $0.append(arena) }
    }
  }
#endif
