/// A published segmentation network over one encoder, and how to make it.
public struct SegmentationArchitecture: Sendable {
  /// What pipeline files and model cards call it: `unet`, `deeplabv3plus`.
  public let name: String
  /// The publisher's name of its encoder: `resnet18`, `efficientnet-b3`.
  public let encoder: String
  /// Who names its parameters.
  public let scheme: NamingScheme
  private let make: @Sendable (_ bands: Int, _ classes: Int, _ seed: UInt64?) -> any SegmentationNetwork

  init(
    name: String, encoder: String, scheme: NamingScheme,
    make: @escaping @Sendable (_ bands: Int, _ classes: Int, _ seed: UInt64?) -> any SegmentationNetwork
  ) {
    (self.name, self.encoder, self.scheme, self.make) = (name, encoder, scheme, make)
  }

  /// A network with fresh weights drawn from `seed`, or with parameters that wait for their values without one.
  public func network(bands: Int, classes: Int, seed: UInt64?) -> any SegmentationNetwork {
    make(bands, classes, seed)
  }

  /// Every segmentation network of terrane with every encoder that it is published with.
  public static let all: [SegmentationArchitecture] = [
    UNet.architectures, FCN.architectures, DeepLabV3.architectures, DeepLabV3Plus.architectures,
    FPN.architectures,
  ].flatMap { $0 }

  /// The names of the networks, each once.
  public static let names = distinct(all.map(\.name))

  /// The names of their encoders, each once.
  public static let encoders = distinct(all.map(\.encoder))

  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The one of these names.
  public static func named(_ name: String, encoder: String) -> SegmentationArchitecture? {
    all.first { $0.name == name && $0.encoder == encoder }
  }
}
