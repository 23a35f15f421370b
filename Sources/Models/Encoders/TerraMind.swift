import Layers

/// IBM's and ESA's transformers of several products of one ground, as encoders of one of them: without a
/// class token, with a token that is added to all patches and says which product they are of.
///
/// - Source: Jakubik et al. 2025, arXiv:2504.11171. Names and details as in TerraTorch's `terramind_v1_*` for
///   one product: positions resampled pixels on pixels, the last map normalised. Base and large have no bias,
///   but for a shift of normalisations that the publisher holds at 0, and a SwiGLU in place of a GELU.
enum TerraMind {
  /// The published encoders: each size for each product that images are given in.
  static let designs: [EncoderDesign] = sizes.flatMap { size in
    products.map { name, place in
      EncoderDesign("terramind_v1_\(size.name)_\(name)", .terratorch, form(size, place))
    }
  }

  private typealias Size = (name: String, channels: Int, depth: Int, heads: Int, hasBias: Bool)

  private static let sizes: [Size] = [
    ("tiny", 192, 12, 3, true), ("small", 384, 12, 6, true), ("base", 768, 12, 12, false),
    ("large", 1024, 24, 16, false),
  ]
  private static let products = [
    ("s2l2a", "sen2l2a"), ("s2l1c", "sen2l1c"), ("s1grd", "sen1grd"), ("s1rtc", "sen1rtc"),
    ("rgb", "sen2rgb"),
  ]

  private static func form(_ size: Size, _ product: String) -> VisionTransformer.Form {
    var block = TransformerBlock.Form(channels: size.channels, heads: size.heads)
    if !size.hasBias {
      (block.attention.form.bias, block.attention.form.hasProjectionBias) = (.none, false)
      block.feedForward.form = .init(gate: "fc3", hidden: 2 * 4 * size.channels / 3, hasBias: false)
    }
    let place = "encoder_embeddings.untok_\(product)@224."
    return VisionTransformer.Form(
      block: block, depth: size.depth, positions: .computed(positions), hasClassToken: false,
      hasPatchBias: false, storedForm: .pixelwise(side: 16), normalizesMaps: true,
      passedOver: ["encoder_embeddings"],
      paths: VisionTransformer.Paths(
        patches: place + "proj", bandToken: place + "mod_emb", positions: place + "pos_emb",
        block: "encoder.", norm: "encoder_norm"))
  }

  private static let positions = PositionTable(
    runs: [(.row, 8), (.column, 8)], hasClassRow: false, resampling: .halfPixel)
}
