// Networks that terrane does not have. Their entries name them, and say what they would need; of CROMA,
// SatMAE and ScaleMAE that is more than they are worth: newer ones do better, and the licence of the last two
// forbids commercial use.

extension PublishedCard {
  /// Masked autoencoders with embeddings of their own for bands, times or sensors.
  static let maskedSpectral: [PublishedCard] =
    ["base", "large"].flatMap { size in
      [
        unsupported(
          "croma-\(size)-s2", "croma_\(size)", "sentinel-2-l2a",
          [SpectralBand].sentinel2SurfaceReflectance.prepared(nil), keys: Keys(entry: "s2_encoder"),
          licence: "CC-BY-4.0", source: "arXiv:2311.00566", notes: [batchNote]),
        unsupported(
          "croma-\(size)-s1", "croma_\(size)", "sentinel-1-grd", [SpectralBand].sentinel1.prepared(nil),
          keys: Keys(entry: "s1_encoder"), licence: "CC-BY-4.0", source: "arXiv:2311.00566",
          notes: [batchNote]),
        PublishedCard(
          "satmae-vit-\(size)-s2", "mae_vit_\(size)_patch8_groups", isSupported: false,
          sensor: "sentinel-2-l1c", bands: functionalMap,
          keys: Keys(entry: "model", leftOut: ["decoder_", "mask_token"]), licence: "CC-BY-NC-4.0",
          isNonCommercial: true, source: "arXiv:2207.08051",
          notes: ["three convolutions: B02 B03 B04 B08, B05 B06 B07 B8A, and B11 B12"]),
      ]
    }

  /// U-Nets for the borders of fields, over the same bands of two dates.
  static let fieldBoundaries: [PublishedCard] = [
    ("", "CC-BY-4.0", false), ("-nc", "non-commercial", true),
  ].map { suffix, licence, isNonCommercial in
    PublishedCard(
      "ftw-unet-efficientnet-b3\(suffix)", "unet with efficientnet-b3", backbone: "efficientnet-b3",
      sensor: "custom",
      bands: ["planting", "harvest"].flatMap { date in
        [SpectralBand].sentinel2(["B04", "B03", "B02", "B08"]).map { band in
          SpectralBand("\(date) \(band.name)", band.wavelength).prepared(
            PublishedPreparation(.digitalNumbers, deviation: 3000))
        }
      }, licence: licence, isNonCommercial: isNonCommercial, source: "arXiv:2409.16252",
      notes: ["a scene of two dates in one file, in reflectance; files of both licences are published"])
  }

  /// The bands of Functional Map of the World: the statistics are of all 13 bands; B01, B09 and B10 are left
  /// out.
  private static let functionalMap = [SpectralBand].sentinel2([
    "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12",
  ]).stretched(
    .digitalNumbers,
    means: [1184.38, 1120.77, 1136.26, 1263.74, 1645.40, 1846.87, 1762.60, 1972.62, 1732.16, 1247.92],
    deviations: [650.28, 712.13, 965.23, 948.98, 1108.07, 1258.36, 1233.15, 1364.39, 1310.37, 1087.60])

  private static let batchNote =
    "each channel of a batch is stretched from two of its own deviations below its mean to two above"
  private static func unsupported(
    _ name: String, _ architecture: String, _ sensor: String, _ bands: [Band], keys: Keys = Keys(),
    licence: String, source: String, notes: [String] = []
  ) -> PublishedCard {
    PublishedCard(
      name, architecture, isSupported: false, sensor: sensor, bands: bands, keys: keys, licence: licence,
      source: source, notes: notes)
  }
}
