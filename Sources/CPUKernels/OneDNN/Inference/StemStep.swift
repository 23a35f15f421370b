#if ONEDNN
  /// The first convolution of a residual network, 7 x 7 with stride 2, as one of 4 x 4 with stride 1 over the
  /// image's four phases: a quarter of its multiplications through Winograd's domain.
  struct StemStep: InferenceStep {
    let phases: StridePhases
    let split: ArenaPlan.Slot
    let convolution: WinogradStep

    func run(in frame: InferenceFrame) {
      phases.split(frame.input, into: frame[split])
      convolution.run(in: frame)
    }
  }
#endif
