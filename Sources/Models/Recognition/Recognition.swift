import Checkpoints
import Tensors

/// How well a published architecture explains the tensors of a file.
public struct Recognition: Sendable {
  /// What the file would be the weights of.
  public let network: PublishedArchitecture
  /// Under which names, for how many bands and classes: from the shapes of the first convolution and the head.
  public let options: BackboneOptions
  /// What stands before these names in the file: `backbone.`.
  public let prefix: String
  /// Tensors that fit by name and shape.
  public let fitting: Int
  /// Tensors that the network needs and the file does not have.
  public let missing: [String]
  /// Tensors of another shape than the network's: name, the file's shape, the network's.
  public let misshapen: [(name: String, found: Shape, wanted: Shape)]
  /// Tensors of the file that the network has no place for.
  public let leftOver: [String]

  /// Whether nothing is missing, misshapen or left over.
  public var isExact: Bool { missing.isEmpty && misshapen.isEmpty && leftOver.isEmpty }

  /// The share of all names on either side that fit, in 0 ... 1.
  public var agreement: Double {
    Double(fitting) / Double(max(1, fitting + missing.count + misshapen.count + leftOver.count))
  }

  /// The architectures that explain at least half of a file, the best first; of equal ones in the order of the registry.
  public static func candidates(
    for file: WeightsFile, among networks: [PublishedArchitecture] = PublishedArchitecture.all
  ) -> [Recognition] {
    let shapes = Dictionary(file.entries.map { ($0.name, $0.shape) }) { first, _ in first }
    let prefixes = prefixes(of: file.entries.map(\.name))
    let found = networks.flatMap { network in
      network.schemes.compactMap { scheme in
        prefixes.compactMap { Recognition(shapes, network, scheme, $0) }.max { $0.agreement < $1.agreement }
      }
    }
    // Sorted by place too, because the library's sort may swap equal ones.
    return found.filter { $0.agreement >= 0.5 }.enumerated()
      .sorted { ($1.element.agreement, $0.offset) < ($0.element.agreement, $1.offset) }.map(\.element)
  }

  /// What is read as a wrapper around a network where names start with it.
  private static let wrappers: Set<String> = [
    "backbone", "encoder", "resnet", "model", "module", "net", "network", "trunk", "visual",
  ]

  /// Every run of wrappers that a name starts with, none first.
  private static func prefixes(of names: [String]) -> [String] {
    var found = [""]
    for name in names {
      var prefix = ""
      for component in name.split(separator: ".").dropLast().prefix(6) {
        guard wrappers.contains(String(component)) else { break }
        prefix += component + "."
        if !found.contains(prefix) { found.append(prefix) }
      }
    }
    return found
  }

  private init?(
    _ shapes: [String: Shape], _ network: PublishedArchitecture, _ scheme: NamingScheme, _ prefix: String
  ) {
    var options = BackboneOptions(
      bands: Blueprint.probe.bands, classes: Blueprint.probe.classes, scheme: scheme)
    let probe = Blueprint(network, options)
    // Where it is missing the rest may still say what the file is.
    let first = probe.firstConvolution.flatMap { shapes[prefix + $0] }
    let bands = first.map { $0.rank == 4 ? $0[1] : 1 } ?? 1
    let heads = probe.head.compactMap { shapes[prefix + $0] }
    (options.bands, options.classes) = (bands, heads.isEmpty ? nil : heads[0][0])
    if let grid = Self.positionGrid(shapes, below: prefix) { options.positionGrid = grid }
    let blueprint = Blueprint(network, options)
    var (fitting, missing) = (0, [String]())
    var misshapen: [(name: String, found: Shape, wanted: Shape)] = []
    for (path, shape) in blueprint.tensors {
      guard let found = shapes[prefix + path] else {
        missing.append(prefix + path)
        continue
      }
      if found == shape { fitting += 1 } else { misshapen.append((prefix + path, found, shape)) }
    }
    let paths = Set(blueprint.tensors.map { prefix + $0.path })
    leftOver = shapes.keys.filter { name in
      !paths.contains(name)
        && !(name.hasPrefix(prefix) && blueprint.passesOver(String(name.dropFirst(prefix.count))))
    }.sorted()
    (self.network, self.options, self.prefix) = (network, options, prefix)
    (self.fitting, self.missing, self.misshapen) = (fitting, missing, misshapen)
  }

  /// Rows of patches that a position embedding `[1, 1 + rows x rows, D]` was made for.
  private static func positionGrid(_ shapes: [String: Shape], below prefix: String) -> Int? {
    let names = ["pos_embed", "encoder.pos_embedding"].map { prefix + $0 }
    guard let shape = names.compactMap({ shapes[$0] }).first, shape.rank == 3, shape[1] > 1 else {
      return nil
    }
    let rows = Int(Double(shape[1] - 1).squareRoot().rounded())
    return rows * rows == shape[1] - 1 ? rows : nil
  }
}
