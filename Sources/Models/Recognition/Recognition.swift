import Checkpoints
import Layers
import Tensors

/// The degree to which a published architecture explains the tensors of a file.
public struct Recognition: Sendable {
  /// The architecture that the file would hold the weights of.
  public let network: Architecture
  /// The names, bands and classes of that network, from the shapes of the first convolution and the head.
  public let options: NetworkOptions
  /// Whether the file makes the first filters from wavelengths: then the network is of any bands, and
  /// ``options`` say one.
  public let isOfAnyBands: Bool
  /// The prefix before these names in the file: `backbone.`.
  public let prefix: String
  /// Tensors that fit by name and shape.
  public let fitting: Int
  /// Tensors that the network needs and the file does not have.
  public let missing: [String]
  /// Tensors of another shape than the network's: name, the file's shape, the network's.
  public let misshapen: [(name: String, found: Shape, wanted: Shape)]
  /// Tensors of the file that lie inside the network and that it has no place for: with them it would give
  /// other results.
  public let leftOver: [String]
  /// Other tensors of the file: those of another network, a head that is not asked for, a loss.
  public let outside: [String]

  /// Whether nothing is missing, misshapen or left over inside the network.
  public var isExact: Bool { missing.isEmpty && misshapen.isEmpty && leftOver.isEmpty }

  /// The share of all names on either side that fit, in 0 ... 1.
  public var agreement: Double { share(besides: outside.count) }

  /// 1 where positions are learned for the grid of patches that the publisher's are for, or for none; 0 for
  /// another grid.
  private var gridRank: Int {
    guard options.positionGrid != nil else { return 1 }
    var published = options
    published.positionGrid = nil
    return network.description(published).input.positionGrid == options.positionGrid ? 1 : 0
  }

  /// The share of the names of the network, and of those inside it, that fit.
  private var ownAgreement: Double { share(besides: 0) }

  private func share(besides others: Int) -> Double {
    Double(fitting) / Double(max(1, fitting + missing.count + misshapen.count + leftOver.count + others))
  }

  /// Returns the architectures at least half of which a file has, the best first, by ``agreement``; of equal
  /// ones in the order of the registry.
  public static func candidates(
    for file: WeightsFile, among networks: [Architecture] = Architecture.all
  ) -> [Recognition] {
    let contents = FileContents(file)
    let found = networks.flatMap { network in
      network.schemes.compactMap { scheme in Recognition(contents, network, scheme) }
    }
    // Sorted by place too, because the library's sort may swap equal ones.
    return found.filter { $0.ownAgreement >= 0.5 }.enumerated().sorted { left, right in
      (right.element.agreement, right.element.gridRank, left.offset)
        < (left.element.agreement, left.element.gridRank, right.offset)
    }.map(\.element)
  }

  /// Nil where the file has nothing of the network.
  private init?(_ file: FileContents, _ network: Architecture, _ scheme: NamingScheme) {
    var options = NetworkOptions(
      bands: Blueprint.probe.bands, classes: Blueprint.probe.classes, scheme: scheme)
    let probe = Blueprint(network, options)
    guard let prefix = file.prefix(of: probe) else { return nil }
    let shapes = file.shapes(of: probe, below: prefix)
    // Where it is missing the rest may still say what the file is.
    let first = probe.firstConvolution.flatMap { shapes[prefix + $0] }
    let bands = first.map { $0.rank == 4 ? $0[1] : 1 } ?? 1
    let heads = probe.head.compactMap { shapes[prefix + $0] }.filter { $0.rank > 0 }
    (options.bands, options.classes) = (bands, heads.isEmpty ? nil : heads[0][0])
    if let grid = Self.positionGrid(shapes, below: prefix) { options.positionGrid = grid }
    let blueprint = Blueprint(network, options)
    var (fitting, missing) = (0, [String]())
    var misshapen: [(name: String, found: Shape, wanted: Shape)] = []
    for (path, shape) in blueprint.tensors {
      guard let found = shapes[prefix + path] else {
        if !blueprint.isUnused(path) { missing.append(prefix + path) }
        continue
      }
      if found == shape { fitting += 1 } else { misshapen.append((prefix + path, found, shape)) }
    }
    for constant in blueprint.constants {
      guard let found = shapes[prefix + constant.path], !constant.fits(found) else { continue }
      misshapen.append((prefix + constant.path, found, constant.shape))
    }
    // What is left over can only lower the agreement below the half that counts: a file of a hundred thousand
    // foreign names is not sorted for each network.
    guard fitting >= missing.count + misshapen.count else { return nil }
    let paths = Set(blueprint.tensors.map { prefix + $0.path })
    var (leftOver, outside) = ([String](), [String]())
    for name in shapes.keys.sorted() where !paths.contains(name) {
      let path = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
      guard let path, !file.beside.contains(name) else {
        outside.append(name)
        continue
      }
      if blueprint.passesOver(path) { continue }
      if blueprint.isInside(path) { leftOver.append(name) } else { outside.append(name) }
    }
    (self.network, self.options, self.prefix) = (network, options, prefix)
    isOfAnyBands = blueprint.generators.contains { file.has($0, below: prefix) }
    (self.fitting, self.missing, self.misshapen) = (fitting, missing, misshapen)
    (self.leftOver, self.outside) = (leftOver, outside)
  }

  /// Returns the network with the weights of the file that it was recognised in.
  ///
  /// - Parameter wavelengths: of the bands, in nanometres, for a network ``isOfAnyBands``.
  /// - Throws: ``CheckpointError`` that names the tensors that do not fit.
  public func network(
    from file: WeightsFile, wavelengths: [Double] = []
  ) throws(CheckpointError) -> any Network {
    var options = options
    if isOfAnyBands { options.bands = wavelengths.count }
    let bands = wavelengths.enumerated().map { (name: "\($0 + 1)", wavelength: Double?.some($1)) }
    let network = network.network(options)
    try StrictLoading.load(weights(in: file, for: bands), into: network.parameters)
    return network
  }

  /// Returns the tensors of the network by its own names, and no others.
  ///
  /// - Parameter bands: the bands that filters are made for where the file makes them; nil leaves these
  ///   filters out.
  /// - Throws: ``CheckpointError``: `mismatch` where a table of the file is another than the one that follows
  ///   from the network; `card` for bands without a wavelength.
  func weights(
    in file: WeightsFile, for bands: [(name: String, wavelength: Double?)]? = nil
  ) throws(CheckpointError) -> WeightsFile {
    let own = file.leavingOut(outside.filter { $0.hasPrefix(prefix) })
    var weights = prefix.isEmpty ? own : own.below(prefix)
    let parameters = network.network(options).parameters
    for (path, form) in parameters.storedForms { weights = weights.reading(path, from: form) }
    for assembly in parameters.assemblies { weights = try weights.assembling(assembly) }
    if let bands {
      for generator in parameters.generators { weights = try weights.generating(by: generator, for: bands) }
    }
    for constant in parameters.constants {
      guard weights[constant.path] != nil else { continue }
      let table = try weights.tensor(constant.path)
      guard constant.fits(table.shape), constant.agrees(with: table) else {
        throw CheckpointError(
          .mismatch, path: file.path,
          "tensor '\(prefix)\(constant.path)' \(table.shape) is not the table \(constant.shape) of \(network.description): the weights "
            + "were made with other constants, such as another window")
      }
    }
    return weights
  }

  /// Rows of patches that a position embedding `[1, 1 + rows x rows, D]` was made for.
  private static func positionGrid(_ shapes: [String: Shape], below prefix: String) -> Int? {
    let names = ["pos_embed", "encoder.pos_embedding", "encoder.pos_embed"].map { prefix + $0 }
    guard let shape = names.compactMap({ shapes[$0] }).first, shape.rank == 3, shape[1] > 1 else {
      return nil
    }
    let rows = Int(Double(shape[1] - 1).squareRoot().rounded())
    return rows * rows == shape[1] - 1 ? rows : nil
  }
}

/// The names and shapes of a file, and where in it a network's may be.
private struct FileContents {
  let shapes: [String: Shape]
  /// The tensors that stood beside a prefix that the reader of the file took off the others.
  let beside: Set<String>
  /// The names by their last two words, in the file's order.
  private let names: [String: [String]]

  init(_ file: WeightsFile) {
    shapes = Dictionary(file.entries.map { ($0.name, $0.shape) }) { first, _ in first }
    beside = file.beside
    names = Dictionary(grouping: file.entries.map(\.name), by: Self.ending)
  }

  private static func ending(_ name: String) -> String {
    name.split(separator: ".").suffix(2).joined(separator: ".")
  }

  /// Prefixes below which all of a network's names are looked for.
  private static let mostPrefixes = 8

  /// Returns the shapes, those of tensors that the file keeps in another form, or in several, as the network
  /// has them.
  func shapes(of blueprint: Blueprint, below prefix: String) -> [String: Shape] {
    var shapes = shapes
    for (path, form) in blueprint.storedForms {
      if let shape = shapes[prefix + path].flatMap(form.shape) { shapes[prefix + path] = shape }
    }
    for assembly in blueprint.assemblies where shapes[prefix + assembly.path] == nil {
      shapes[prefix + assembly.path] = assembly.shape(
        of: assembly.sources.compactMap { shapes[prefix + $0] })
    }
    for generator in blueprint.generators where has(generator, below: prefix) {
      shapes[prefix + generator.weightPath] = [generator.channels, 1, generator.side, generator.side]
      shapes[prefix + generator.biasPath] = [generator.channels]
    }
    return shapes
  }

  /// Returns whether the file has a whole generator, and not the filters that it makes.
  func has(_ generator: KernelGenerator, below prefix: String) -> Bool {
    shapes[prefix + generator.weightPath] == nil && shapes[prefix + generator.biasPath] == nil
      && generator.tensors.allSatisfy { shapes[prefix + $0.key] == $0.value }
  }

  /// Finds the prefix before the names of the network: of all words that stand before some of them the one
  /// that stands before most, the first in the file of several; nil where there is none.
  func prefix(of blueprint: Blueprint) -> String? {
    let anchors = blueprint.anchors
    var prefixes: [String] = []
    var known: Set<String> = []
    for anchor in anchors {
      // Of hundreds of parts that are alike the first will do.
      for name in (names[Self.ending(anchor)] ?? []).prefix(256) where name.hasSuffix(anchor) {
        let prefix = String(name.dropLast(anchor.count))
        if prefix.isEmpty || prefix.hasSuffix("."), known.insert(prefix).inserted { prefixes.append(prefix) }
      }
    }
    // Of thousands that a file can be made of, those before most anchors; the sort keeps the file's order.
    if prefixes.count > Self.mostPrefixes {
      let counts = prefixes.map { prefix in anchors.count { shapes[prefix + $0] != nil } }
      prefixes = prefixes.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(Self.mostPrefixes)
        .map { prefixes[$0] }
    }
    let paths = blueprint.tensors.map(\.path)
    var best: (prefix: String, count: Int)?
    for prefix in prefixes {
      let count = paths.count { shapes[prefix + $0] != nil }
      if count > best?.count ?? 0 { best = (prefix, count) }
    }
    return best?.prefix
  }
}

extension ParameterList.Constant {
  /// Returns whether a file's table of this shape has these values, but for rounding to 8 significant bits.
  fileprivate func agrees(with table: Tensor) -> Bool {
    zip(table.values, values(table.shape)).allSatisfy { abs($0 - $1) <= max(1, abs($1)) / 256 }
  }
}
