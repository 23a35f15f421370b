import Tensors

#if ONEDNN
  /// An operation on row-major tensors that lie in the arena.
  struct PlainStep: InferenceStep, @unchecked Sendable {
    enum Input {
      case slot(ArenaPlan.Slot, Shape)
      case constant(Tensor)
    }

    let operation: any PlainOperation
    let inputs: [Input]
    let result: ArenaPlan.Slot
    let shape: Shape

    func run(in frame: InferenceFrame) {
      let tensors = inputs.map { input in
        switch input {
        case .slot(let slot, let shape): Tensor(at: frame[slot], shape: shape)
        case .constant(let tensor): tensor
        }
      }
      operation.compute(tensors, into: Tensor(at: frame[result], shape: shape))
    }
  }
#endif
