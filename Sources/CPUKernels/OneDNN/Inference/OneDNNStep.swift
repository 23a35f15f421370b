import Tensors

#if ONEDNN
  /// One oneDNN primitive with the places of its arguments.
  struct OneDNNStep: InferenceStep, @unchecked Sendable {
    /// The place of an argument.
    enum Place {
      case input, output
      case slot(ArenaPlan.Slot)
      case weight(PackedWeight)
      case constant(Tensor)
    }

    private let kernels: OneDNNKernels
    private let primitive: OneDNNPrimitive
    private let arguments: [(OneDNNArgument, Place)]

    init(_ kernels: OneDNNKernels, _ primitive: OneDNNPrimitive, _ arguments: [OneDNNArgument: Place]) {
      (self.kernels, self.primitive) = (kernels, primitive)
      self.arguments = arguments.map { ($0.key, $0.value) }
    }

    func run(in frame: InferenceFrame) {
      kernels.executeBeside(
        primitive,
        arguments.map { argument, place in
          switch place {
          case .input: (argument, UnsafeMutableRawPointer(mutating: frame.input))
          case .output: (argument, UnsafeMutableRawPointer(frame.output))
          case .slot(let slot): (argument, UnsafeMutableRawPointer(frame[slot]))
          case .weight(let weight): (argument, UnsafeMutableRawPointer(weight.hostValues))
          case .constant(let tensor): (argument, UnsafeMutableRawPointer(tensor.hostValues))
          }
        })
    }
  }

  /// A weight in the form that a primitive chose, made when the network is first used; the memory that it
  /// takes is known before.
  final class PackedWeight: @unchecked Sendable {
    let bytes: Int
    private var make: (() -> Tensor)?
    private var packed: Tensor?

    init(bytes: Int, _ make: @escaping () -> Tensor) { (self.bytes, self.make) = (bytes, make) }

    var isPacked: Bool { packed != nil }

    /// Makes it, unless it is there; what it was made from is let go.
    func pack() {
      guard let make else { return }
      packed = make()
      self.make = nil
    }

    var hostValues: UnsafeMutablePointer<Float> {
      guard let packed else { preconditionFailure("a weight is used before it was packed") }
      return packed.hostValues
    }
  }

  /// Steps that make one result together.
  struct StepSequence: InferenceStep {
    private let steps: [any InferenceStep]

    init(_ steps: [any InferenceStep]) { self.steps = steps }

    func run(in frame: InferenceFrame) { for step in steps { step.run(in: frame) } }
  }
#endif
