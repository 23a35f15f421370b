extension Tensor {
  /// Factors `[N, C, 1, 1]` for the channels of an `[N, C, H, W]` in its own layout, so that neither is
  /// reordered; plain for bf16, which goes through Float32.
  func channelFactors(_ factors: [Float]) -> Tensor {
    let (images, channels) = (shape.batch, shape.channels)
    precondition(factors.count == images * channels, "\(factors.count) factors for the channels of \(shape)")
    guard case .blocked(_, .fp32) = layout else {
      return Tensor(factors, shape: [images, channels, 1, 1])
    }
    // Of one pixel the blocks lie as the channels do, with zeros after the last.
    let result = Tensor(uninitialized: [images, channels, 1, 1], layout: layout)
    result.hostValues.update(repeating: 0, count: result.storedCount)
    for image in 0..<images {
      let target = result.hostValues + image * (result.storedCount / images)
      for channel in 0..<channels { target[channel] = factors[image * channels + channel] }
    }
    return result
  }
}
