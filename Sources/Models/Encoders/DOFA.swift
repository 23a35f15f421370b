import Layers

/// Transformers for any bands, whose filters over patches a small network makes from wavelengths. Where a
/// file has that network, the filters are made once, for the bands at hand, when it is read.
///
/// - Source: Xiong et al. 2024, arXiv:2403.15356. Names and details as in torchgeo's `DOFA`: patches are cut
///   from an image with a row and a column of zeros around, and a classifier reads the mean of their tokens.
///   Positions, which torchgeo has for one size, are resized as masked autoencoders do.
enum DOFA {
  /// The published encoders, and torchgeo's small one, by torchgeo's names.
  static let designs: [EncoderDesign] = [("small", 384, 12), ("base", 768, 12), ("large", 1024, 24)].map {
    (size: String, channels: Int, depth: Int) in
    EncoderDesign(
      "dofa_\(size)_patch16_224", .timm,
      VisionTransformer.Form(
        block: TransformerBlock.Form(channels: channels, heads: channels / 64), depth: depth,
        positions: .learned(.halfPixel), readsPatchMean: true, generator: .dofa, padding: 1,
        ownConstants: "patches that begin one pixel before the image", passedOver: ["norm", "fc_norm"],
        paths: VisionTransformer.Paths(patches: "patch_embed.filters", norm: "fc_norm")))
  }
}
