/// The publisher whose names the parameters of a file have; architectures are the same under each, their
/// tensors are not called alike.
public enum NamingScheme: String, CaseIterable, Hashable, Sendable {
  /// torchvision's names.
  case torchvision
  /// timm's names.
  case timm
  /// segmentation_models_pytorch's names, where it has its own; of EfficientNets those of
  /// efficientnet_pytorch.
  case smp
  /// TerraTorch's names, over encoders of other publishers.
  case terratorch
  /// Meta's names, where it has its own: those of DINOv3.
  case meta
  /// terrane's own, of what nobody publishes; as torchvision would call them.
  case terrane
}
