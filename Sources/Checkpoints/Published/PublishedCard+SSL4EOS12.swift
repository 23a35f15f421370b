// Networks trained on SSL4EO-S12: Sentinel-2 level 1C and Sentinel-1 of 250,000 places in four seasons.

/// Constants of the networks trained on SSL4EO-S12.
///
/// - Source: Wang et al. 2022, arXiv:2211.07044; statistics and stretches from the loaders beside the data.
enum SSL4EOS12 {
  /// The preparation of numbers: divided by 10,000 and cut at 1, which is what was left when the data were
  /// quantised to bytes.
  static let reflectance = PublishedPreparation(.digitalNumbers, clip: .init(0, 10_000), deviation: 10_000)

  static let means = [
    1612.9, 1397.6, 1322.3, 1373.1, 1561.0, 2108.4, 2390.7, 2318.7, 2581.0, 837.7, 22.0, 2195.2, 1537.4,
  ]
  static let deviations = [
    791.0, 854.3, 878.7, 1144.9, 1127.5, 1164.2, 1276.0, 1249.5, 1345.9, 577.5, 47.5, 1340.0, 1142.9,
  ]
  static let radarMeans = [-12.59, -20.26]
  static let radarDeviations = [5.26, 5.91]

  static let multispectral = [SpectralBand].sentinel2.prepared(reflectance)
  static let colours = [SpectralBand].sentinel2(["B04", "B03", "B02"]).prepared(reflectance)
  static let radar = [SpectralBand].sentinel1.stretched(
    .decibels, means: radarMeans, deviations: radarDeviations)

  static let radarNote =
    "torchgeo's transform subtracts the mean and divides by the deviation; these weights were trained on two deviations "
    + "to each side of the mean, stretched to 0 ... 1"

  /// The sizes that masked autoencoders were trained in.
  static let transformers: [(size: String, architecture: String)] = [
    ("small", "vit_small_patch16_224"), ("base", "vit_base_patch16_224"),
    ("large", "vit_large_patch16_224"), ("huge", "vit_huge_patch14_224"),
  ]
}

extension PublishedCard {
  /// The publisher's own networks, trained by contrast with momentum, self-distillation or masked
  /// autoencoding.
  static let ssl4eoS12: [PublishedCard] =
    [
      contrast("resnet18", "resnet18", "s2"), contrast("resnet50", "resnet50", "s2"),
      contrast("resnet18", "resnet18", "rgb"), contrast("resnet50", "resnet50", "rgb"),
      contrast("resnet50", "resnet50", "s1"),
      entry(
        "ssl4eo-s12-resnet50-dino-s2", "resnet50", "s2", keys: distilled, source: "arXiv:2211.07044"),
      entry(
        "ssl4eo-s12-vit-small-dino-s2", "vit_small_patch16_224", "s2", keys: distilled,
        source: "arXiv:2211.07044"),
      entry(
        "ssl4eo-s12-vit-small-moco-s2", "vit_small_patch16_224", "s2",
        keys: Keys(entry: "state_dict", prefix: "module.base_encoder.", leftOut: ["head."]),
        source: "arXiv:2211.07044"),
    ] + autoencoders("ssl4eo-s12-vit", "-mae", source: "arXiv:2211.07044")

  /// Masked autoencoders that rebuild features of images instead of pixels.
  static let featureGuided = autoencoders("fg-mae-vit", "", source: "arXiv:2310.18653")

  /// The two networks of DeCUR, one a sensor, trained to agree on a part of their features only.
  static let decoupled = ["s2", "s1"].map { product in
    entry(
      "decur-resnet50-\(product)", "resnet50", product, licence: "Apache-2.0", source: "arXiv:2309.05300")
  }

  /// Networks trained by the number of land-cover labels that two images share; standardised, not stretched.
  static let softContrast = [
    ("resnet50", "resnet50"), ("vit-small", "vit_small_patch14_dinov2_224"),
    ("vit-base", "vit_base_patch14_dinov2_224"),
  ].flatMap { name, architecture in
    [
      PublishedCard(
        "softcon-\(name)-s2", architecture, sensor: "sentinel-2-l1c",
        bands: [SpectralBand].sentinel2.standardized(
          .digitalNumbers, means: SSL4EOS12.means, deviations: SSL4EOS12.deviations),
        licence: "CC-BY-4.0", source: "arXiv:2405.20462"),
      PublishedCard(
        "softcon-\(name)-s1", architecture, sensor: "sentinel-1-grd",
        bands: [SpectralBand].sentinel1.standardized(
          .decibels, means: SSL4EOS12.radarMeans, deviations: SSL4EOS12.radarDeviations),
        licence: "CC-BY-4.0", source: "arXiv:2405.20462",
        notes: ["that radar was standardised, as Sentinel-2 was, is torchgeo's word and not the publisher's"]),
    ]
  }

  private static let distilled = Keys(
    entry: "teacher", prefix: "module.backbone.", leftOut: ["module.head.", "head."])

  private static func contrast(_ name: String, _ architecture: String, _ product: String) -> PublishedCard {
    entry(
      "ssl4eo-s12-\(name)-moco-\(product)", architecture, product,
      keys: Keys(
        entry: "state_dict", prefix: "module.encoder_q.",
        leftOut: ["module.encoder_q.fc.", "module.encoder_k.", "module.queue"]), source: "arXiv:2211.07044")
  }

  private static func autoencoders(_ stem: String, _ method: String, source: String) -> [PublishedCard] {
    SSL4EOS12.transformers.flatMap { transformer in
      ["s2", "s1"].map { product in
        entry(
          "\(stem)-\(transformer.size)\(method)-\(product)", transformer.architecture, product,
          keys: Keys(entry: "model", leftOut: ["decoder_", "mask_token"]), source: source)
      }
    }
  }

  /// Returns a network of one of the products `s2` (13 bands), `rgb` and `s1`.
  private static func entry(
    _ name: String, _ architecture: String, _ product: String, keys: Keys = Keys(),
    licence: String = "CC-BY-4.0", source: String
  ) -> PublishedCard {
    let isRadar = product == "s1"
    return PublishedCard(
      name, architecture, sensor: isRadar ? "sentinel-1-grd" : "sentinel-2-l1c",
      bands: isRadar
        ? SSL4EOS12.radar : product == "rgb" ? SSL4EOS12.colours : SSL4EOS12.multispectral,
      keys: keys, licence: licence, source: source, notes: isRadar ? [SSL4EOS12.radarNote] : [])
  }
}
