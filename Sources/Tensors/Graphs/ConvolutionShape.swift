/// The extents and positions of a convolution, which decide how long it takes.
public struct ConvolutionShape: Hashable, Sendable {
  /// `[1, C, H, W]`.
  public let input: Shape
  /// `[K, C, k, k]`.
  public let weight: Shape
  /// The positions of the kernel.
  public let kernel: SlidingKernel

  /// Creates a convolution of an image.
  public init(input: Shape, weight: Shape, kernel: SlidingKernel) {
    (self.input, self.weight, self.kernel) = (input, weight, kernel)
  }
}

extension InferenceGraph {
  /// The convolutions of a graph as it was recorded, in order.
  public var convolutions: [ConvolutionShape] {
    nodes.compactMap { node in
      guard case .convolution(let convolution) = node.operation else { return nil }
      precondition(convolution.parts.count == 1, "a fused graph has convolutions of several inputs")
      let part = convolution.parts[0]
      return ConvolutionShape(
        input: nodes[part.source].shape, weight: part.weight.shape, kernel: convolution.kernel)
    }
  }
}
