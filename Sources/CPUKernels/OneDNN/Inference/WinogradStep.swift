import Tensors

#if ONEDNN
  /// A convolution through Winograd's domain with the places of what it reads and writes.
  struct WinogradStep: InferenceStep {
    let convolution: WinogradConvolution
    let sources: [ArenaPlan.Slot]
    /// A part's filters each.
    let filters: [PackedWeight]
    let bias: Tensor
    let addend: ArenaPlan.Slot?
    let result, scratch: ArenaPlan.Slot

    func run(in frame: InferenceFrame) {
      convolution.run(
        sources.map { UnsafePointer(frame[$0]) }, filters: filters.map(\.hostValues), bias: bias.hostValues,
        addend: addend.map { UnsafePointer(frame[$0]) }, result: frame[result], scratch: frame[scratch])
    }
  }
#endif
