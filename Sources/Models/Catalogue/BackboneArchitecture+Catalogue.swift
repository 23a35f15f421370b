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

  /// Those that segmentation_models_pytorch has as encoders: its own, and of those it takes from timm, the ones with maps of
  /// several resolutions, under torchvision's names.
  static let encoders = all.filter { architecture in
    architecture.schemes.contains(.smp)
      || architecture.schemes.contains(.torchvision)
        && ["resnet", "vgg", "densenet", "mobilenet", "inception", "convnext", "swin"].contains {
          architecture.name.hasPrefix($0)
        }
  }

  /// Whether strides can become dilation: poolings cannot.
  var isDilatable: Bool {
    ["resnet", "mobilenet_v2", "efficientnet-"].contains { name.hasPrefix($0) }
  }
}
