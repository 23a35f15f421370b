import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// A network and an image of which `Golden/write_backbones.py` or `Golden/write_transformers.py` wrote
/// what PyTorch makes of it.
struct BackboneCase: CustomTestStringConvertible, Sendable {
  static let classes = 7
  /// What PyTorch made of all cases.
  static let golden = try! HashedNetwork.golden(allOf: "backbones")

  /// `<scheme>/<architecture>/<N>x<C>x<H>x<W>/<dilation or dates>`.
  let key: String
  /// What the files have of it, scores and encoder apart.
  let maps: Set<String>
  let hasScores: Bool

  var testDescription: String { key }
  private var parts: [String] { key.split(separator: "/").map(String.init) }
  var scheme: NamingScheme { NamingScheme(rawValue: parts[0])! }
  var name: String { parts[1] }
  var shape: Shape { Shape(parts[2].split(separator: "x").map { Int($0)! }) }
  var dilation: StageDilation? { ["torchvision": .torchvision, "smp": .smp][parts[3]] }
  /// Dates whose bands the images have one after the other.
  var dates: Int { parts[3].hasSuffix("-dates") ? Int(parts[3].prefix { $0 != "-" })! : 1 }
  var images: Tensor { HashedValues("images." + key).tensor(shape, scale: 2) }

  var options: EncoderOptions {
    .init(
      bands: shape.channels / dates, classes: hasScores ? Self.classes : nil, scheme: scheme,
      dilation: dilation, dates: dates)
  }

  /// All of them, in the order of their keys.
  static let all: [BackboneCase] = {
    let names = golden.keys.map { $0.split(separator: "/").map(String.init) }
    let cases = Dictionary(grouping: names) { $0.prefix(4).joined(separator: "/") }
    return cases.sorted { $0.key < $1.key }.map { key, names in
      let values = Set(names.map { $0.dropFirst(4).joined(separator: "/") })
      return BackboneCase(
        key: key, maps: values.subtracting(["scores", "encoder"]), hasScores: values.contains("scores"))
    }
  }()
}
