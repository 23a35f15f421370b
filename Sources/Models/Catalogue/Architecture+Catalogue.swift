extension Architecture {
  /// The architectures that are recognised; of two that explain a file equally well the first one is taken.
  public static let all = ofImages + ofPixels

  /// Encoders by themselves, family by family.
  package static let ofImages = EncoderDesign.all.map { Architecture($0) }

  /// Networks of pixels, with every encoder that each is published with.
  package static let ofPixels: [Architecture] = [
    over(EncoderDesign.ofSMP, UNet.design("unet")),
    over(EncoderDesign.torchvision("resnet50", "resnet101"), FCN.design),
    over(EncoderDesign.torchvision("resnet50", "resnet101", "mobilenet_v3_large"), DeepLabV3.design),
    over(EncoderDesign.ofSMP.filter(\.isDilatable), DeepLabV3Plus.design),
    over(EncoderDesign.ofSMP, FPN.design),
    over(EncoderDesign.ofSMP, UNet.design("unet-image-skip", hasImageSkip: true)),
    over([PixelMLP.design], PixelwiseClassifier.design),
    over(EncoderDesign.plainTransformers, UNet.terratorch, neck: LearnedPyramid.design),
    over(EncoderDesign.plainTransformers, FPN.terratorch, neck: LearnedPyramid.design),
    over(EncoderDesign.plainTransformers, UperNet.design, neck: LearnedPyramid.design),
  ].flatMap { $0 }

  private static func over(
    _ encoders: [EncoderDesign], _ decoder: DecoderDesign, neck: NeckDesign? = nil
  ) -> [Architecture] {
    encoders.map { Architecture(decoder, over: $0, neck: neck) }
  }

  /// The names of the networks of pixels, each once.
  public static let pixelNetworkNames = distinct(ofPixels.map(\.name))

  /// The names of their encoders, and of those that come as classifiers of whole images only, each once.
  public static let encoderNames = distinct(ofPixels.compactMap(\.encoder) + ofImages.map(\.name))

  /// Returns the encoders that a network of pixels, or a classifier of whole images, comes over.
  public static func encoders(of name: String) -> [String] {
    name == classifier
      ? distinct(ofImages.map(\.name)) : ofPixels.filter { $0.name == name }.compactMap(\.encoder)
  }

  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The name in model cards of the architecture that is an encoder with its publisher's classifier of whole
  /// images.
  public static let classifier = "classifier"

  /// Returns the architecture of these names, as one publisher has it where it is said who.
  public static func named(_ name: String, encoder: String? = nil, scheme: NamingScheme? = nil)
    -> Architecture?
  {
    if name == classifier { return encoder.flatMap { named($0, scheme: scheme) } }
    return all.first {
      $0.name == name && $0.encoder == encoder && (scheme.map($0.schemes.contains) ?? true)
    }
  }
}

extension EncoderDesign {
  /// The published encoders, family by family.
  static let all: [EncoderDesign] = [
    ResNet.designs, InceptionV3.designs, DenseNet.designs, MobileNetV2.designs, MobileNetV3.designs,
    EfficientNet.designs, VGG.designs, ConvNeXt.designs, VisionTransformer.designs, DINOv2.designs,
    DINOv3.designs, Prithvi.designs, TerraMind.designs, OlmoEarth.designs, DOFA.designs,
    Clay.designs, SwinTransformer.designs,
  ].flatMap { $0 }

  /// The encoders of segmentation_models_pytorch: its own, and of those it takes from timm, the ones with
  /// maps of several resolutions, under torchvision's names.
  fileprivate static let ofSMP = all.filter { design in
    design.schemes.contains(.smp)
      || design.schemes.contains(.torchvision)
        && ["resnet", "vgg", "densenet", "mobilenet", "inception", "convnext", "swin"].contains {
          design.name.hasPrefix($0)
        }
  }

  /// Transformers whose maps have one resolution; torchvision's are classifiers only.
  fileprivate static let plainTransformers = [
    VisionTransformer.designs, DINOv2.designs, DINOv3.designs, Prithvi.designs, TerraMind.designs,
    OlmoEarth.designs, DOFA.designs, Clay.designs,
  ].flatMap { $0 }.filter { !$0.schemes.contains(.torchvision) }

  /// Returns torchvision's encoders of these names.
  fileprivate static func torchvision(_ names: String...) -> [EncoderDesign] {
    all.filter { names.contains($0.name) && $0.schemes.contains(.torchvision) }
  }

  /// Whether strides can become dilation: poolings cannot.
  fileprivate var isDilatable: Bool {
    ["resnet", "mobilenet_v2", "efficientnet-"].contains { name.hasPrefix($0) }
  }
}
