extension PublishedCard {
  /// Networks trained on SatlasPretrain, for one image or for several of a place.
  ///
  /// - Source: Bastani et al. 2023, arXiv:2211.15660; the rules from the publisher's notes on normalisation.
  static let satlas: [PublishedCard] =
    [
      ("swin-v2-t", "swin_v2_t"), ("swin-v2-b", "swin_v2_b"), ("resnet50", "resnet50"),
      ("resnet152", "resnet152"),
    ].flatMap { name, architecture in
      [
        entry(
          "\(name)-s2-rgb", architecture, "sentinel-2-l1c", trueColour, notes: [trueColourNote]),
        entry(
          "\(name)-s2-ms", architecture, "sentinel-2-l1c", trueColour + infrared, notes: [trueColourNote]),
      ]
    } + [
      entry(
        "swin-v2-b-landsat", "swin_v2_b", "landsat-8-oli",
        [SpectralBand].landsat8.prepared(.stretch(.landsatLevel1, from: 4000, to: 20_320)),
        notes: [
          "all bands are stretched by their stored numbers; those of B10 and B11 are no reflectance, but the sensor scales "
            + "them like the others, and so does this card"
        ]),
      entry(
        "swin-v2-b-s1", "swin_v2_b", "custom",
        [SpectralBand("VH", nil), SpectralBand("VV", nil)].prepared(
          .stretch(.amplitude, from: 0, to: 255)),
        notes: [
          "uncalibrated amplitude, the 16-bit numbers of a ground-range product, VH first; decibels do not fit"
        ]),
      entry(
        "swin-v2-b-aerial", "swin_v2_b", "aerial-rgb",
        [SpectralBand].redGreenBlue.prepared(.stretch(.pictureBytes, from: 0, to: 255)),
        notes: ["pixels of 0.5 to 2 m"]),
    ]

  private static let trueColour = [SpectralBand].sentinel2(["B04", "B03", "B02"]).prepared(
    .stretch(.trueColourBytes, from: 0, to: 255))
  private static let infrared = [SpectralBand].sentinel2(["B05", "B06", "B07", "B08", "B11", "B12"])
    .prepared(.stretch(.digitalNumbers, from: 0, to: 8160))

  private static let trueColourNote =
    "red, green and blue come from the product's true-colour picture of bytes; the card makes the same of reflectance, to "
    + "about half a byte. torchgeo's transform of the three bands does not cut at 1"

  private static func entry(
    _ name: String, _ architecture: String, _ sensor: String, _ bands: [Band], notes: [String]
  ) -> PublishedCard {
    let isResidual = architecture.hasPrefix("resnet")
    return PublishedCard(
      "satlas-\(name)", architecture, sensor: sensor, bands: bands,
      keys: Keys(
        prefix: isResidual ? "backbone.resnet." : "backbone.",
        leftOut: ["intermediates.", "heads."]), licence: "ODC-BY", source: "arXiv:2211.15660",
      notes: notes + [
        "how often 'backbone.' stands before the names depends on whether the network is for one image or several; that for "
          + "several takes the largest of their features"
      ])
  }
}
