extension PublishedCard {
  /// Networks trained on SSL4EO-L: five products of Landsat 4 to 9, three architectures, two ways of
  /// contrast.
  ///
  /// The data were stretched to bytes before anything else: the low end to 0 and the high end to 256, of
  /// which 255 is kept; the networks saw those bytes divided by 255. So 1 stands for 255/256 of the high end.
  ///
  /// - Source: Stewart et al. 2023, arXiv:2306.09424; the limits from the scripts that compressed the data.
  static let ssl4eoLandsat: [PublishedCard] = LandsatProduct.all.flatMap { product in
    [
      ("resnet18", "resnet18"), ("resnet50", "resnet50"), ("vit-small", "vit_small_patch16_224"),
    ].flatMap { name, architecture in
      ["moco", "simclr"].map { method in
        PublishedCard(
          "ssl4eo-l-\(name)-\(product.name)-\(method)", architecture, sensor: product.sensor,
          bands: product.bands, licence: "CC0-1.0", source: "arXiv:2306.09424", notes: product.notes)
      }
    }
  }
}

/// The product of Landsat that one set of networks was trained on, with the bands in the order of Earth
/// Engine's collections.
private struct LandsatProduct {
  let name: String
  let sensor: String
  let bands: [PublishedCard.Band]

  /// The one fact that torchgeo's transforms leave out, and, for reflectance at the top of the atmosphere,
  /// the place to get the data.
  var notes: [String] {
    let bytes =
      "torchgeo's transform only divides bytes by 255: it expects data that were stretched before, as these numbers do"
    guard sensor == "custom" else { return [bytes] }
    return [
      bytes,
      "reflectance at the top of the atmosphere, corrected for the height of the sun, and brightness temperature in "
        + "kelvin, as Earth Engine's TOA collections have them; no sensor of terrane gives both",
    ]
  }

  static let all = [
    LandsatProduct(name: "tm-toa", sensor: "custom", bands: topOfAtmosphere(.landsat5)),
    LandsatProduct(name: "etm-toa", sensor: "custom", bands: topOfAtmosphere(enhanced)),
    LandsatProduct(
      name: "etm-sr", sensor: "landsat-7-etm-c2-l2",
      bands: surface(.named(["B1", "B2", "B3", "B4", "B5", "B7"], of: .landsat5))),
    LandsatProduct(name: "oli-tirs-toa", sensor: "custom", bands: topOfAtmosphere(.landsat8)),
    LandsatProduct(
      name: "oli-sr", sensor: "landsat-8-oli-c2-l2", bands: surface(Array([SpectralBand].landsat8.prefix(7)))),
  ]

  /// The bands of Landsat 7, whose thermal band is sent at two gains, and whose eighth is panchromatic.
  private static let enhanced: [SpectralBand] =
    .named(["B1", "B2", "B3", "B4", "B5"], of: .landsat5) + [
      .init("B6_VCID_1", 11_450), .init("B6_VCID_2", 11_450), .init("B7", 2215), .init("B8", 710),
    ]

  private static func surface(_ bands: [SpectralBand]) -> [PublishedCard.Band] {
    bands.prepared(bytes(.reflectance, from: 0, to: 0.3))
  }

  private static func topOfAtmosphere(_ bands: [SpectralBand]) -> [PublishedCard.Band] {
    bands.map { band in
      let isThermal = (band.wavelength ?? 0) > 10_000
      return band.prepared(
        isThermal ? bytes(.kelvin, from: 248.15, to: 318.15) : bytes(.reflectance, from: 0, to: 0.4))
    }
  }

  private static func bytes(_ unit: PublishedUnit, from low: Double, to high: Double) -> PublishedPreparation
  {
    .stretch(unit, from: low, to: low + (high - low) * 255 / 256)
  }
}
