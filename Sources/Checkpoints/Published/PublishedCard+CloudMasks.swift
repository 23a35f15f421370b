import Classes

extension PublishedCard {
  /// Networks that mask clouds and their shadows: the U-Nets of ukis-csmask 1.0.0, trained on CloudSEN12+ and
  /// SPARCS.
  ///
  /// - Source: `model_*.json` of the package; `mask.py` for how values are prepared.
  static let cloudMasks: [PublishedCard] = [
    ("l1c", "sentinel-2-l1c", topOfAtmosphere), ("l2a", "sentinel-2-l2a", surface),
  ].flatMap { level, sensor, statistics in
    [4, 6].map { count in
      PublishedCard(
        "ukis-csmask-\(count)b-\(level)", "unet with efficientnet-b4", backbone: "efficientnet-b4",
        decoder: "unet", sensor: sensor,
        bands: Array([SpectralBand].sentinel2(["B02", "B03", "B04", "B08", "B11", "B12"]).prefix(count))
          .standardized(
            .reflectance, means: Array(statistics.means.prefix(count)),
            deviations: Array(statistics.deviations.prefix(count))),
        classes: [
          PublishedClass(0, "clear", color: "#5b8c5a"), PublishedClass(1, "cloud", color: "#f5f5f5"),
          PublishedClass(2, "shadow", color: "#3a3a6a"),
        ],
        licence: "Apache-2.0", source: "github.com/dlr-eoc/ukis-csmask",
        notes: [
          "reflectance from 0 to 1, of pixels of about 30 m; the same files serve blue, green, red, near infrared and short-wave "
            + "infrared of other sensors"
        ])
    }
  }

  private static let topOfAtmosphere = (
    means: [
      0.27552253007888794, 0.2556644380092621, 0.269801527261734, 0.33431220054626465, 0.20851291716098785,
      0.15826508402824402,
    ],
    deviations: [
      0.24488002061843872, 0.22757470607757568, 0.2537152171134949, 0.23213787376880646, 0.148738831281662,
      0.12604215741157532,
    ]
  )
  private static let surface = (
    means: [
      0.26681777834892273, 0.27799084782600403, 0.28811994194984436, 0.36494743824005127, 0.2225709855556488,
      0.17859040200710297,
    ],
    deviations: [
      0.33637598156929016, 0.3125455975532532, 0.311148464679718, 0.27260705828666687, 0.16653667390346527,
      0.14328984916210175,
    ]
  )
}
