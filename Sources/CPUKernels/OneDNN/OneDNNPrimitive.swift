import Tensors

#if ONEDNN
  import COneDNN

  /// A prepared oneDNN operation: made once for its shapes, run many times.
  final class OneDNNPrimitive: @unchecked Sendable {
    /// The C handle, freed with this object.
    let handle: UnsafeMutablePointer<terrane_primitive>
    /// The operation and its shapes, for messages.
    let name: String
    /// The number of threads that the primitive was made for.
    let threads: Int

    init(_ handle: UnsafeMutablePointer<terrane_primitive>?, name: String, threads: Int) {
      guard let handle else { preconditionFailure("oneDNN has no implementation of \(name)") }
      (self.handle, self.name, self.threads) = (handle, name, threads)
    }

    deinit { terrane_primitive_destroy(handle) }

    /// Whether oneDNN has only plain loops for it.
    var isReference: Bool { terrane_is_reference(handle) != 0 }

    /// Bytes of an argument in the layout that the primitive chose.
    func bytes(of argument: OneDNNArgument) -> Int { terrane_argument_bytes(handle, argument.code) }

    /// Returns the extents of an argument, without the padding of its layout.
    func extents(of argument: OneDNNArgument) -> Shape {
      let extents = UnsafeBufferPointer(
        start: terrane_argument_extents(handle, argument.code),
        count: Int(terrane_argument_rank(handle, argument.code)))
      return Shape(extents.map(Int.init))
    }

    /// Returns a number that is equal for equal layouts of an argument.
    func layout(of argument: OneDNNArgument) -> UInt64 { terrane_argument_layout(handle, argument.code) }
  }

  /// The roles that a tensor can have in an operation.
  enum OneDNNArgument: Hashable {
    case source, destination, weights, bias, mean, variance, scale, shift, workspace, scratchpad
    /// The addend of the post-operation with this number.
    case addend(Int)
    case sourceGradient, destinationGradient, weightsGradient, biasGradient, scaleGradient, shiftGradient

    var code: Int32 {
      let code: Int =
        switch self {
        case .source: terrane_source
        case .destination: terrane_destination
        case .weights: terrane_weights
        case .bias: terrane_bias
        case .mean: terrane_mean
        case .variance: terrane_variance
        case .scale: terrane_scale
        case .shift: terrane_shift
        case .workspace: terrane_workspace
        case .scratchpad: terrane_scratchpad
        case .addend(let number): Int(terrane_addend(Int32(number)))
        case .sourceGradient: terrane_source_gradient
        case .destinationGradient: terrane_destination_gradient
        case .weightsGradient: terrane_weights_gradient
        case .biasGradient: terrane_bias_gradient
        case .scaleGradient: terrane_scale_gradient
        case .shiftGradient: terrane_shift_gradient
        }
      return Int32(code)
    }
  }

  /// The operation and settings that a primitive was made for; equal keys share it.
  struct OneDNNPrimitiveKey: Hashable {
    enum Operation: Hashable {
      case convolution, convolutionOfPlain, convolutionInputGradient, convolutionWeightGradient
      case normalization, normalizationByBatch, normalizationGradient
      case maxPooling, maxPoolingGradient, averagePooling, averagePoolingGradient, nearest, nearestGradient
    }
    let operation: Operation
    let shapes: [Shape]
    var kernel = SlidingKernel(size: 1)
    var flag = false
    var epsilon: Float = 0
    var threads = 0
  }

  extension SlidingKernel {
    var oneDNN: terrane_sliding {
      func pair(_ value: (Axis) -> Int) -> (Int64, Int64) { (Int64(value(rows)), Int64(value(columns))) }
      return terrane_sliding(
        size: pair(\.size), stride: pair(\.stride), dilation: pair { $0.dilation - 1 },
        before: pair(\.before),
        after: pair(\.after))
    }
  }

  extension terrane_tensor {
    /// Creates a tensor of `shape`, row-major (block 0), in channel blocks, or as the primitive likes (block
    /// -1).
    init(_ shape: Shape, block: Int, _ precision: Precision = .fp32) {
      precondition((1...5).contains(shape.rank), "oneDNN tensors here have 1 to 5 axes, not \(shape)")
      self.init()
      rank = Int32(shape.rank)
      self.block = Int32(block)
      is_bfloat16 = precision == .bf16 ? 1 : 0
      withUnsafeMutableBytes(of: &extents) { raw in
        let extents = raw.assumingMemoryBound(to: Int64.self)
        for axis in 0..<shape.rank { extents[axis] = Int64(shape[axis]) }
      }
    }

    /// Creates a tensor as it lies in memory.
    init(_ tensor: Tensor) { self.init(tensor.shape, layout: tensor.layout) }

    /// Creates a tensor of `shape` in a layout of ours.
    init(_ shape: Shape, layout: Layout) {
      switch layout {
      case .plain: self.init(shape, block: 0)
      case .valueless: preconditionFailure("a tensor \(shape) of a recording has no values")
      case .blocked(let block, let precision): self.init(shape, block: block, precision)
      }
    }
  }
#endif
