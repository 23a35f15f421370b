// Networks that terrane does not have. Their entries name them, and say what they would need; of CROMA,
// SatMAE and ScaleMAE that is more than they are worth: newer ones do better, and the licence of the last two
// forbids commercial use.

extension PublishedCard {
  /// Networks that make their first convolution from the wavelengths of the bands.
  static let generatedKernels: [PublishedCard] =
    ["base", "large"].flatMap { size in
      [
        unsupported(
          "dofa-vit-\(size)-s2", "dofa_\(size)_patch16_224", "custom",
          [SpectralBand].sentinel2(["B04", "B03", "B02", "B05", "B06", "B07", "B08", "B11", "B12"])
            .standardized(
              .bytes,
              means: [114.11, 114.81, 126.64, 84.34, 97.85, 103.94, 101.44, 72.33, 56.67],
              deviations: [77.84, 69.97, 67.42, 64.57, 61.73, 61.34, 60.30, 47.89, 42.56]),
          keys: dynamicKeys, licence: "CC-BY-4.0", source: "arXiv:2403.15356",
          notes: ["bytes as Satlas makes them: the true-colour picture, and numbers divided by 32"]),
        unsupported(
          "dofa-vit-\(size)-s1", "dofa_\(size)_patch16_224", "custom",
          [SpectralBand].sentinel1.standardized(.bytes, means: [166.36, 88.46], deviations: [64.83, 43.07]),
          keys: dynamicKeys, licence: "CC-BY-4.0", source: "arXiv:2403.15356",
          notes: ["the publisher's comments disagree on which comes first; the brighter one is VV"]),
      ]
    } + [
      unsupported(
        "clay-1.5-s2", "clay_mae_large", "sentinel-2-l2a",
        [SpectralBand].sentinel2(["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"])
          .standardized(
            .digitalNumbers, means: [1105, 1355, 1552, 1887, 2422, 2630, 2743, 2785, 2388, 1835],
            deviations: [1809, 1757, 1888, 1870, 1732, 1697, 1742, 1648, 1470, 1379]),
        keys: clayKeys, licence: "Apache-2.0", source: "Clay Foundation, model version 1.5"),
      unsupported(
        "clay-1.5-s1", "clay_mae_large", "sentinel-1-grd",
        [SpectralBand].sentinel1.standardized(
          .decibels, means: [-12.113, -18.673], deviations: [8.314, 8.017]),
        keys: clayKeys, licence: "Apache-2.0", source: "Clay Foundation, model version 1.5"),
    ]

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

  private static let dynamicKeys = Keys(leftOut: ["mask_token", "norm.", "projector."])
  private static let clayKeys = Keys(
    entry: "state_dict", prefix: "model.encoder.", leftOut: ["model.teacher.", "model.decoder."])
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
