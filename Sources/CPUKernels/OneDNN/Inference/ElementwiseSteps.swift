import Tensors

#if ONEDNN
  /// A step that applies a function to each stored number; zeros that fill a block may become something else,
  /// which no filter reads.
  struct ActivationStep: InferenceStep {
    let function: Activation
    let source, result: ArenaPlan.Slot
    let count: Int

    func run(in frame: InferenceFrame) {
      let (from, to) = (frame[source], frame[result])
      for first in stride(from: 0, to: count, by: 4096) {
        let chunk = min(4096, count - first)
        (to + first).update(from: from + first, count: chunk)
        function.apply(to: to + first, count: chunk)
      }
    }
  }

  /// A step that adds two results.
  struct SumStep: InferenceStep {
    let left, right, result: ArenaPlan.Slot
    let count: Int
    let relu: Bool

    func run(in frame: InferenceFrame) {
      let (a, b, sum) = (frame[left], frame[right], frame[result])
      for index in 0..<count { sum[index] = a[index] + b[index] }
      if relu { Activation.relu.apply(to: sum, count: count) }
    }
  }

  /// A step that copies results one after the other.
  struct CopyStep: InferenceStep {
    enum Target {
      case slot(ArenaPlan.Slot)
      case output
    }

    let parts: [(source: ArenaPlan.Slot, count: Int)]
    let target: Target

    func run(in frame: InferenceFrame) {
      var to =
        switch target {
        case .slot(let slot): frame[slot]
        case .output: frame.output
        }
      for part in parts {
        to.update(from: frame[part.source], count: part.count)
        to += part.count
      }
    }
  }
#endif
