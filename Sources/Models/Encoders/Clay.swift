import Layers

/// Clay's transformers for any bands, whose filters over patches a small network makes from wavelengths, and
/// whose tokens are told the size of a pixel, the time and the place. Where a file has the small network, the
/// filters are made once, for the bands at hand, when it is read. Pixels are said to have 10 m; time and
/// place are said to be unknown.
///
/// - Source: Clay Foundation, model version 1.5. Names and details as in `claymodel`: patches of 8 x 8
///   pixels, attention without biases, an epsilon of 1e-5, the last map normalised.
enum Clay {
  /// The encoder that is published, the large one, and the others of the publisher's code.
  static let designs: [EncoderDesign] = [
    ("tiny", 192, 6, 4, 2), ("small", 384, 6, 6, 2), ("base", 768, 12, 12, 4), ("large", 1024, 24, 16, 4),
  ].map { (size: String, channels: Int, depth: Int, heads: Int, expansion: Int) in
    var block = TransformerBlock.Form(channels: channels, heads: heads, epsilon: 1e-5)
    block.norms = ["0.norm", "1.net.0"]
    block.attention = (
      "0",
      SelfAttention.Form(
        projections: .packed(weight: "to_qkv.weight", bias: "to_qkv.bias"), projection: "to_out",
        bias: .none, hasProjectionBias: false)
    )
    block.feedForward = (
      "1.net", FeedForward.Form(expansion: "1", reduction: "3", hidden: expansion * channels)
    )
    return EncoderDesign(
      "clay_v1_5_\(size)", .terrane,
      VisionTransformer.Form(
        block: block, depth: depth, patch: 8, grid: 32,
        positions: .ground(GroundPositions(pixel: 10, unknown: 8)), generator: .clay, normalizesMaps: true,
        paths: VisionTransformer.Paths(
          patches: "patch_embedding.filters", block: "transformer.layers.", norm: "transformer.norm")))
  }
}
