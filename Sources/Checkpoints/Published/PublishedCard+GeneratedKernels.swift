// Networks that make their first filters from the wavelengths of the bands: whatever bands are at hand, those
// of the cards are what the publishers give statistics of.

extension PublishedCard {
  /// Networks for any bands.
  static let generatedKernels: [PublishedCard] =
    ["base", "large"].flatMap { size in
      [
        dofa(size, "s2", sensor: "sentinel-2-l1c", dofaSentinel2, notes: [trueColourNote]),
        dofa(
          size, "s1", sensor: "custom",
          [SpectralBand("VV", 3750), SpectralBand("VH", 3750)].standardized(
            .bytes, means: [166.36, 88.46], deviations: [64.83, 43.07]),
          notes: [
            "the publisher's comments disagree on which comes first; the brighter one is VV",
            "both polarisations were trained as of one wavelength, 3.75 micrometres: their filters are the same",
          ]),
      ]
    } + [
      clay(
        "s2", sensor: "sentinel-2-l2a",
        zip([SpectralBand].sentinel2(clayBands), [493, 560, 665, 704, 740, 783, 842, 865, 1610, 2190]).map {
          SpectralBand($0.name, $1)
        }.standardized(
          .digitalNumbers, means: [1105, 1355, 1552, 1887, 2422, 2630, 2743, 2785, 2388, 1835],
          deviations: [1809, 1757, 1888, 1870, 1732, 1697, 1742, 1648, 1470, 1379])),
      clay(
        "s1", sensor: "sentinel-1-rtc",
        [SpectralBand("VV", 3500), SpectralBand("VH", 4000)].standardized(
          .decibels, means: [-12.113, -18.673], deviations: [8.314, 8.017])),
    ]

  /// The true-colour picture, and numbers divided by 32 as bytes.
  private static let dofaSentinel2: [Band] = {
    let bands = [SpectralBand].sentinel2(["B04", "B03", "B02", "B05", "B06", "B07", "B08", "B11", "B12"])
    let means = [114.11, 114.81, 126.64, 84.34, 97.85, 103.94, 101.44, 72.33, 56.67]
    let deviations = [77.84, 69.97, 67.42, 64.57, 61.73, 61.34, 60.30, 47.89, 42.56]
    return bands.indices.map { index in
      let (unit, factor) = index < 3 ? (PublishedUnit.trueColourBytes, 1.0) : (.digitalNumbers, 32)
      return bands[index].prepared(
        PublishedPreparation(
          unit, clip: ModelCard.Clip(0, 255 * factor), mean: factor * means[index],
          deviation: factor * deviations[index]))
    }
  }()

  private static let trueColourNote =
    "the publisher's values are bytes of Satlas: the true-colour picture, and numbers divided by 32"

  private static let clayBands = ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"]

  private static func dofa(
    _ size: String, _ product: String, sensor: String, _ bands: [Band], notes: [String]
  ) -> PublishedCard {
    PublishedCard(
      "dofa-vit-\(size)-\(product)", "dofa_\(size)_patch16_224", sensor: sensor, bands: bands,
      keys: Keys(leftOut: ["mask_token", "norm.", "projector."]), licence: "CC-BY-4.0",
      source: "arXiv:2403.15356", notes: notes)
  }

  private static func clay(_ product: String, sensor: String, _ bands: [Band]) -> PublishedCard {
    PublishedCard(
      "clay-1.5-\(product)", "clay_v1_5_large", sensor: sensor, bands: bands,
      keys: Keys(
        entry: "state_dict", prefix: "model.encoder.", leftOut: ["model.teacher.", "model.decoder."]),
      licence: "Apache-2.0", source: "Clay Foundation, model version 1.5",
      notes: [
        "the network is told that pixels have 10 m, and neither date nor place, which it takes for unknown"
      ])
  }
}
