// Vision transformers of satellite images whose first layer is a convolution over patches.

extension PublishedCard {
  /// Masked autoencoders of harmonised Landsat and Sentinel-2 surface reflectance.
  static let prithvi: [PublishedCard] =
    [
      PublishedCard(
        "prithvi-eo-1.0-100m", "prithvi_eo_v1_100", sensor: "hls-s30",
        bands: harmonized([775, 1081, 1229, 2497, 2204, 1611], [1282, 1270, 1399, 1368, 1292, 1155]),
        keys: Keys(leftOut: ["decoder_", "mask_token"]), licence: "Apache-2.0", source: "arXiv:2310.18660",
        notes: [harmonizedNote])
    ]
    + [
      ("tiny-tl", "v2_tiny_tl"), ("100m-tl", "v2_100_tl"), ("300m", "v2_300"), ("300m-tl", "v2_300"),
      ("600m", "v2_600"), ("600m-tl", "v2_600"),
    ].map { name, network in
      PublishedCard(
        "prithvi-eo-2.0-\(name)", "prithvi_eo_\(network)", sensor: "hls-s30",
        bands: harmonized([1087, 1342, 1433, 2734, 1958, 1363], [2248, 2179, 2178, 1850, 1242, 1049]),
        keys: Keys(prefix: "encoder.", leftOut: ["decoder."]), licence: "Apache-2.0",
        source: "arXiv:2412.02732",
        notes: [harmonizedNote]
          + (name.hasSuffix("tl")
            ? ["the network is told neither date nor place, which its training left out at random"] : []))
    }

  private static let harmonizedNote =
    "harmonised Landsat and Sentinel-2 surface reflectance, under the names of its Sentinel-2 part"

  private static func harmonized(_ means: [Double], _ deviations: [Double]) -> [Band] {
    [SpectralBand].sentinel2(["B02", "B03", "B04", "B8A", "B11", "B12"]).standardized(
      .digitalNumbers, means: means, deviations: deviations)
  }

  /// Transformers of several products of one ground, as encoders of one of them.
  static let terramind: [PublishedCard] = ["tiny", "small", "base", "large"].flatMap { size in
    [
      terramind(
        size, "s2-l2a", "s2l2a", sensor: "sentinel-2-l2a",
        [SpectralBand].sentinel2SurfaceReflectance.standardized(
          .digitalNumbers,
          means: [
            1390.458, 1503.317, 1718.197, 1853.91, 2199.1, 2779.975, 2987.011, 3083.234, 3132.22, 3162.988,
            2424.884, 1857.648,
          ],
          deviations: [
            2106.761, 2141.107, 2038.973, 2134.138, 2085.321, 1889.926, 1820.257, 1871.918, 1753.829,
            1797.379, 1434.261, 1334.311,
          ]), notes: [baselineNote]),
      terramind(
        size, "s2-l1c", "s2l1c", sensor: "sentinel-2-l1c",
        [SpectralBand].sentinel2.standardized(
          .digitalNumbers,
          means: [
            2357.089, 2137.385, 2018.788, 2082.986, 2295.651, 2854.537, 3122.849, 3040.56, 3306.481,
            1473.847, 506.07, 2472.825, 1838.929,
          ],
          deviations: [
            1624.683, 1675.806, 1557.708, 1833.702, 1823.738, 1733.977, 1732.131, 1679.732, 1727.26,
            1024.687, 442.165, 1331.411, 1160.419,
          ]), notes: [baselineNote]),
      terramind(
        size, "s1", "s1grd", sensor: "sentinel-1-grd",
        [SpectralBand].sentinel1.standardized(
          .decibels, means: [-12.599, -20.293], deviations: [5.195, 5.890])),
      terramind(
        size, "s1-rtc", "s1rtc", sensor: "sentinel-1-rtc",
        [SpectralBand].sentinel1.standardized(
          .decibels, means: [-10.93, -17.329], deviations: [4.391, 4.459])),
    ]
  }

  private static let baselineNote =
    "whether the publisher's numbers include the offset of 1000 that products have since baseline 04.00 is not known"

  private static func terramind(
    _ size: String, _ product: String, _ network: String, sensor: String, _ bands: [Band],
    notes: [String] = []
  ) -> PublishedCard {
    PublishedCard(
      "terramind-1.0-\(size)-\(product)", "terramind_v1_\(size)_\(network)", sensor: sensor, bands: bands,
      keys: Keys(leftOut: ["decoder", "mask_token"]), licence: "Apache-2.0", source: "arXiv:2504.11171",
      notes: notes)
  }

  /// Transformers of patches of 8 x 8 pixels and of 4 x 4; the encoder of version 1.3 is that of 1.2.
  static let olmoearth: [PublishedCard] = [
    ("1.0", "v1", ["nano", "tiny", "base", "large"]), ("1.1", "v1_1", ["nano", "tiny", "base"]),
    ("1.2", "v1_2", ["nano", "tiny", "small", "base"]), ("1.3", "v1_2", ["base"]),
  ].flatMap { (version: String, network: String, sizes: [String]) in
    sizes.flatMap { size in
      ["", "-patch4"].map { patch in
        olmoearth(
          "olmoearth-\(version)-\(size)-s2\(patch)",
          "olmoearth_\(network)_\(size)\(patch.replacing("-", with: "_"))")
      }
    }
  }

  private static func olmoearth(_ name: String, _ network: String) -> PublishedCard {
    PublishedCard(
      name, network, sensor: "sentinel-2-l2a",
      bands: [SpectralBand].sentinel2([
        "B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12", "B01", "B09",
      ]).prepared(
        zip(
          [
            1188.94, 1407.77, 1513.06, 2755.48, 1890.99, 2483.78, 2722.73, 2885.57, 2562.85, 1914.14,
            1115.85, 3269.81,
          ],
          [
            1859.19, 1727.74, 1740.78, 1612.26, 1754.73, 1622.12, 1621.82, 1611.36, 1441.55, 1328.89,
            1955.70, 2651.09,
          ]
        ).map { mean, deviation in
          // Two deviations to each side of the mean become 0 ... 1, and nothing is cut there.
          PublishedPreparation(.digitalNumbers, mean: mean - 2 * deviation, deviation: 4 * deviation)
        }),
      keys: Keys(
        prefix: "encoder.",
        leftOut: [
          "decoder.", "target_encoder.", "encoder.project_and_aggregate.", "encoder.attention_pooler.",
        ]),
      licence: "OlmoEarth Artifact License", source: "arXiv:2511.13655",
      notes: [
        "the licence forbids military, policing and surveillance use and oil, gas and mineral extraction, of what is made of the weights too",
        "the network is told that every image is of July, with pixels of 10 m",
      ])
  }

  /// Meta's networks of pictures, and of satellite images of 0.6 m (SAT-493M), in the publisher's own files
  /// and as timm has them.
  static let dinov3: [PublishedCard] =
    [("small", "s"), ("base", "b"), ("large", "l")].flatMap { size, letter in
      dinov3("dinov3-vit-\(size)-lvd1689m", size, letter, means: pictureMeans, deviations: pictureDeviations)
    }
    + dinov3(
      "dinov3-vit-large-sat493m", "large", "l", means: [0.430, 0.411, 0.296],
      deviations: [0.213, 0.156, 0.143])
    + ["tiny", "small", "base", "large"].map { size in
      dinov3(
        "dinov3-convnext-\(size)-lvd1689m", "convnext_\(size)", means: pictureMeans,
        deviations: pictureDeviations, notes: ["in timm's file; the publisher's has other names"])
    }

  private static let pictureMeans = [0.485, 0.456, 0.406]
  private static let pictureDeviations = [0.229, 0.224, 0.225]

  private static func dinov3(
    _ name: String, _ size: String, _ letter: String, means: [Double], deviations: [Double]
  ) -> [PublishedCard] {
    [
      dinov3(
        name, "dinov3_vit\(letter)16", means: means, deviations: deviations,
        notes: ["periods of positions are computed, where the file has them rounded to bfloat16"]),
      dinov3(name + "-timm", "vit_\(size)_patch16_dinov3", means: means, deviations: deviations),
    ]
  }

  private static func dinov3(
    _ name: String, _ network: String, means: [Double], deviations: [Double], notes: [String] = []
  ) -> PublishedCard {
    PublishedCard(
      name, network, sensor: "aerial-rgb",
      bands: zip([SpectralBand].redGreenBlue, zip(means, deviations)).map { band, numbers in
        band.prepared(
          .stretch(.pictureBytes, from: 0, to: 255, mean: numbers.0, deviation: numbers.1))
      }, licence: "DINOv3", source: "arXiv:2508.10104",
      notes: [
        "the licence allows commercial use and forbids military, nuclear and weapons use and espionage; it goes with what is made of the weights"
      ] + notes)
  }
}
