import Numerics
import Tensors

/// Joining and cutting along the channels: the channels of one image lie together in every layout, so both
/// are plain copies, shared by all kernel sets.
extension HostKernels {
  /// Joins along the channels, in blocks where every part fills whole blocks.
  package func concatenation(_ inputs: [Tensor]) -> Tensor {
    // One plain input makes the result plain: to copy its rows into blocks would mix channels up.
    let first = inputs[0].layout
    let layout =
      inputs.allSatisfy { $0.layout == first }
      ? commonLayout(inputs.map(\.shape.channels), of: first) : .plain
    let inputs = inputs.map { $0.layout == layout ? $0 : plain($0) }
    let shape = inputs[0].shape
    for input in inputs {
      precondition(
        input.shape.batch == shape.batch && input.shape.height == shape.height
          && input.shape.width == shape.width,
        "cannot join \(input.shape) to \(shape) along the channels")
    }
    let channels = inputs.reduce(0) { $0 + $1.shape.channels }
    let planeBytes = shape.height * shape.width * layout.precision.bytes
    let result = Tensor(uninitialized: [shape.batch, channels, shape.height, shape.width], layout: layout)
    parallelLoop(shape.batch) { image in
      var destination = UnsafeMutableRawPointer(result.hostValues) + image * channels * planeBytes
      for input in inputs {
        let bytes = input.shape.channels * planeBytes
        destination.copyMemory(from: UnsafeRawPointer(input.hostValues) + image * bytes, byteCount: bytes)
        destination += bytes
      }
    }
    return result
  }

  /// Cuts along the channels, in blocks where every part fills whole blocks.
  package func channelSplit(_ input: Tensor, channels: [Int]) -> [Tensor] {
    let layout = commonLayout(channels, of: input.layout)
    let input = input.layout == layout ? input : plain(input)
    let shape = input.shape
    precondition(channels.reduce(0, +) == shape.channels, "cannot cut \(shape) into channels \(channels)")
    let planeBytes = shape.height * shape.width * layout.precision.bytes
    var first = 0
    return channels.map { count in
      let part = Tensor(uninitialized: [shape.batch, count, shape.height, shape.width], layout: layout)
      let start = first
      parallelLoop(shape.batch) { image in
        let source = UnsafeRawPointer(input.hostValues) + (image * shape.channels + start) * planeBytes
        (UnsafeMutableRawPointer(part.hostValues) + image * count * planeBytes)
          .copyMemory(from: source, byteCount: count * planeBytes)
      }
      first += count
      return part
    }
  }

  /// Returns the blocked layout where every part fills whole blocks, else plain.
  private func commonLayout(_ channels: [Int], of layout: Layout) -> Layout {
    guard case .blocked(let block, _) = layout, channels.allSatisfy({ $0 % block == 0 }) else {
      return .plain
    }
    return layout
  }
}
