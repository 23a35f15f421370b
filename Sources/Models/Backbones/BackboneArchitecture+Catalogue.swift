extension BackboneArchitecture {
  /// Every backbone of terrane, family by family.
  public static let all: [BackboneArchitecture] = [
    ResNet.architectures,
    InceptionV3.architectures,
    DenseNet.architectures,
    MobileNetV2.architectures,
    MobileNetV3.architectures,
    EfficientNet.architectures,
    VGG.architectures,
    ConvNeXt.architectures,
    VisionTransformer.architectures,
    SwinTransformer.architectures,
  ].flatMap { $0 }

  /// The one that a publisher calls `name`.
  public static func named(_ name: String, scheme: NamingScheme) -> BackboneArchitecture? {
    all.first { $0.name == name && $0.schemes.contains(scheme) }
  }
}
