import Layers

/// NASA's and IBM's masked autoencoders of harmonised Landsat and Sentinel-2 reflectance: transformers whose
/// positions follow from row, column and date, and whose tokens of several dates attend to each other.
///
/// Files of version 2.0 whose names end with TL know a factor of the date's encoding and one of the place's.
/// Neither is told to the network here, which it was trained to do without: both were left out at random.
///
/// - Source: Jakubik et al. 2023, arXiv:2310.18660 (1.0), and Szwarcman et al. 2024, arXiv:2412.02732 (2.0).
///   Names and details as in TerraTorch's `PrithviViT`: an epsilon of 1e-5, positions resampled corners on
///   corners, the last map normalised.
enum Prithvi {
  /// The published encoders, by TerraTorch's names.
  static let designs: [EncoderDesign] = [
    ("v1_100", 768, 12, 12, 16), ("v2_tiny_tl", 192, 12, 3, 16), ("v2_100_tl", 768, 12, 12, 16),
    ("v2_300", 1024, 24, 16, 16), ("v2_600", 1280, 32, 16, 14),
  ].map { (name: String, channels: Int, depth: Int, heads: Int, patch: Int) in
    EncoderDesign(
      "prithvi_eo_\(name)", .timm,
      VisionTransformer.Form(
        block: TransformerBlock.Form(channels: channels, heads: heads, epsilon: 1e-5), depth: depth,
        patch: patch, grid: 224 / patch, positions: .computed(positions), storedForm: .datewise,
        normalizesMaps: true, takesDates: true,
        passedOver: ["temporal_embed_enc", "location_embed_enc"]))
  }

  private static let positions = PositionTable(
    runs: [(.column, 6), (.row, 6), (.date, 4)], hasClassRow: true, resampling: .alignedCorners)
}
