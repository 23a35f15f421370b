extension VisionTransformer {
  /// The encoders that timm and torchvision publish, with normalisation before attention and an epsilon of
  /// 1e-6; they differ in how positions are resized.
  ///
  /// - Source: names and details as in timm's `vit_*_patch16_224` and `vit_huge_patch14_224` and
  ///   torchvision's `vit_*_16`.
  static let designs: [EncoderDesign] =
    ofBothPublishers + [
      EncoderDesign(
        "vit_huge_patch14_224", .timm,
        Form(block: TransformerBlock.Form(channels: 1280, heads: 16), depth: 32, patch: 14, grid: 16))
    ]

  private static let ofBothPublishers: [EncoderDesign] = [
    ("small", 384, 12), ("base", 768, 12), ("large", 1024, 24),
  ].flatMap { (size: String, channels: Int, depth: Int) in
    let block = TransformerBlock.Form(channels: channels, heads: channels / 64)
    let ofTimm = EncoderDesign("vit_\(size)_patch16_224", .timm, Form(block: block, depth: depth))
    guard size != "small" else { return [ofTimm] }  // torchvision has none
    return [
      ofTimm, EncoderDesign("vit_\(size.prefix(1))_16", .torchvision, ofTorchvision(block, depth: depth)),
    ]
  }

  private static func ofTorchvision(_ block: TransformerBlock.Form, depth: Int) -> Form {
    var block = block
    block.norms = ["ln_1", "ln_2"]
    block.attention = (
      "self_attention",
      .init(projections: .packed(weight: "in_proj_weight", bias: "in_proj_bias"), projection: "out_proj")
    )
    block.feedForward.form = .init(expansion: "0", reduction: "3")
    return Form(
      block: block, depth: depth, positions: .learned(.alignedCorners),
      paths: Paths(
        classToken: "class_token", patches: "conv_proj", positions: "encoder.pos_embedding",
        block: "encoder.layers.encoder_layer_", norm: "encoder.ln", head: "heads.head"))
  }
}
