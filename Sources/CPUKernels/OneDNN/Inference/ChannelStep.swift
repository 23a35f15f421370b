import Tensors

#if ONEDNN
  /// A step that treats each channel by itself.
  struct ChannelStep: InferenceStep, @unchecked Sendable {
    enum Work {
      /// A factor and an offset a channel, in whole blocks.
      case transform(factors: Tensor, offsets: Tensor, relu: Bool)
      case means
      /// Each channel is multiplied by a factor that was computed.
      case product(ArenaPlan.Slot)
    }

    let planes: StoredPlanes
    let source, result: ArenaPlan.Slot
    let work: Work

    func run(in frame: InferenceFrame) {
      let (from, to) = (frame[source], frame[result])
      for plane in 0..<planes.count {
        let (values, channel) = (from + plane * planes.size, plane * planes.block)
        switch work {
        case .transform(let factors, let offsets, let relu):
          planes.transform(
            values, factors: factors.hostValues + channel, offsets: offsets.hostValues + channel, relu: relu,
            into: to + plane * planes.size)
        case .means: planes.means(values, into: to + channel)
        case .product(let factors):
          planes.transform(
            values, factors: frame[factors] + channel, offsets: nil, into: to + plane * planes.size)
        }
      }
    }
  }
#endif
