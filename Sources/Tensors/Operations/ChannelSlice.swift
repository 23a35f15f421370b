/// Some channels of `[N, C, H, W]`.
struct ChannelSlice: PlainOperation {
  package let channels: Range<Int>

  package func shape(of inputs: [Shape]) -> Shape {
    let shape = inputs[0]
    precondition(
      shape.rank == 4 && channels.upperBound <= shape.channels,
      "a tensor \(shape) has no channels \(channels)")
    return [shape.batch, channels.count, shape.height, shape.width]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    forEachImage(of: inputs[0], result) { whole, part, count in part.update(from: whole, count: count) }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(repeating: 0, shape: inputs[0].shape)
    forEachImage(of: back, gradient) { whole, part, count in whole.update(from: part, count: count) }
    return [back]
  }

  /// Calls `body` with where the channels of an image lie in the whole and in the part, and how many numbers
  /// they are.
  private func forEachImage(
    of whole: Tensor, _ part: Tensor,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    let shape = whole.shape
    let plane = shape.height * shape.width
    let count = channels.count * plane
    for image in 0..<shape.batch {
      body(
        whole.hostValues + (image * shape.channels + channels.lowerBound) * plane,
        part.hostValues + image * count,
        count)
    }
  }
}

extension Tape {
  /// Some channels of `[N, C, H, W]`.
  public func channels(_ input: Value, _ channels: Range<Int>) -> Value {
    apply(ChannelSlice(channels: channels), to: input)
  }
}
