extension PublishedCard {
  /// Networks trained on red, green and blue.
  static let pictures: [PublishedCard] =
    [
      ("resnet18", "resnet18"), ("resnet50", "resnet50"),
    ].map { name, architecture in
      PublishedCard(
        "seco-\(name)", architecture, sensor: "sentinel-2-l2a", bands: seasonal,
        keys: Keys(entry: "state_dict", prefix: "encoder_q.", leftOut: ["encoder_k.", "queue", "heads_"]),
        licence: "Apache-2.0", source: "arXiv:2103.16607",
        notes: [
          "in the publisher's file the parts of the network are numbered, 0 for conv1 and 4 to 7 for layer1 to layer4",
          "torchgeo's transform exchanges the limits of red and blue, and neither cuts at them nor divides by 255",
        ])
    } + [
      PublishedCard(
        "gassl-resnet50", "resnet50", sensor: "aerial-rgb", bands: photographs,
        licence: ModelCard.noLicence, source: "arXiv:2011.09980"),
      PublishedCard(
        "scalemae-vit-large", "scalemae_large_patch16", isSupported: false, sensor: "aerial-rgb",
        bands: photographs, licence: "CC-BY-NC-4.0", isNonCommercial: true, source: "arXiv:2212.14532",
        notes: ["positions are scaled by the size of a pixel on the ground"]),
    ] + classifiers

  /// Classifiers of ImageNet's 1000 classes.
  private static let classifiers: [PublishedCard] =
    [
      "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "convnext_tiny", "vit_b_16", "vit_l_16",
      "swin_v2_t", "swin_v2_b",
    ].map { network in
      PublishedCard(
        "imagenet-" + network.replacing("_", with: "-"), network, sensor: "aerial-rgb", bands: photographs,
        licence: ModelCard.noLicence, source: "github.com/pytorch/vision")
    }
    + ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"].map { network in
      PublishedCard(
        "imagenet-" + network, network, sensor: "aerial-rgb",
        bands: [SpectralBand].redGreenBlue.prepared(
          PublishedPreparation(.pictureBytes, clip: ModelCard.Clip(0, 255), mean: 127, deviation: 128)),
        licence: "Apache-2.0", source: "arXiv:1905.11946",
        notes: [
          "127 and 128 are MEAN_RGB and STDDEV_RGB of efficientnet_lite_builder.py in github.com/tensorflow/tpu;"
            + " the README of efficientnet_lite_pytorch shows ImageNet's statistics, those of other EfficientNets"
        ])
    }

  private static let imageNet = (means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225])

  private static let photographs = [SpectralBand].redGreenBlue.enumerated().map { index, band in
    band.prepared(
      .stretch(
        .pictureBytes, from: 0, to: 255, mean: imageNet.means[index],
        deviation: imageNet.deviations[index]))
  }

  /// The bands of surface reflectance that was stored as bytes, 1 as 255; nearly all land lies between the
  /// two bytes of a band.
  private static let seasonal = zip(
    [SpectralBand].sentinel2(["B04", "B03", "B02"]), [(0.0, 129.0), (2, 103), (3, 88)]
  ).enumerated().map { index, band in
    band.0.prepared(
      .stretch(
        .reflectanceBytes, from: band.1.0, to: band.1.1, mean: imageNet.means[index],
        deviation: imageNet.deviations[index]))
  }
}
