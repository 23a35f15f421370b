/// Meta's transformers that learned by distillation of themselves, each branch of their blocks weighed by a
/// factor a channel.
///
/// - Source: Oquab et al. 2023, arXiv:2304.07193. Names and details as in timm's `vit_*_patch14_dinov2`, and
///   of those for images of 224 x 224 pixels, which SoftCon trained on (Wang et al. 2024, arXiv:2405.20462),
///   as in torchgeo's.
enum DINOv2 {
  /// The published encoders: positions of 37 x 37 patches, and those of 16 x 16.
  static let designs: [EncoderDesign] = [("small", 384), ("base", 768)].flatMap { size, channels in
    [("", 37), ("_224", 16)].map { suffix, grid in
      EncoderDesign(
        "vit_\(size)_patch14_dinov2\(suffix)", .timm,
        VisionTransformer.Form(
          block: TransformerBlock.Form(
            channels: channels, heads: channels / 64, gains: ["ls1.gamma", "ls2.gamma"]),
          depth: 12, patch: 14, grid: grid))
    }
  }
}
