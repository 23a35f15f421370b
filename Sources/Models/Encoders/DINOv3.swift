/// Meta's transformers whose queries and keys are turned by the place of their patch, with four tokens more
/// than patches and image.
///
/// - Source: Simeoni et al. 2025, arXiv:2508.10104. Names and details as in timm's `vit_*_patch16_dinov3`
///   and, of `dinov3_vit*16`, as in the publisher's own files. These have a bias of queries, keys and values,
///   of which that of keys is held at 0, and periods of angles that were rounded to bfloat16: here they are
///   exact, as timm's are, which moves outputs by 1e-4 of their scale.
enum DINOv3 {
  /// The published encoders, by timm's name and by the publisher's.
  static let designs: [EncoderDesign] = [("small", 384, 12), ("base", 768, 12), ("large", 1024, 24)].flatMap {
    (size: String, channels: Int, depth: Int) in
    [
      EncoderDesign("vit_\(size)_patch16_dinov3", .timm, ofTimm(channels, depth: depth)),
      EncoderDesign("dinov3_vit\(size.prefix(1))16", .meta, ofMeta(channels, depth: depth)),
    ]
  }

  private static func ofTimm(_ channels: Int, depth: Int) -> VisionTransformer.Form {
    var block = TransformerBlock.Form(channels: channels, heads: channels / 64, epsilon: 1e-5)
    block.attention.form.bias = .none
    block.gains = ["gamma_1", "gamma_2"]
    return VisionTransformer.Form(
      block: block, depth: depth, positions: .turned(GridAngles(base: 100)), registers: 4)
  }

  private static func ofMeta(_ channels: Int, depth: Int) -> VisionTransformer.Form {
    var form = ofTimm(channels, depth: depth)
    form.block.attention.form.bias = .withoutKeys(mask: "qkv.bias_mask")
    form.block.gains = ["ls1.gamma", "ls2.gamma"]
    form.paths.registers = "storage_tokens"
    form.paths.periods = "rope_embed.periods"
    form.passedOver = ["local_cls_norm"]
    return form
  }
}
