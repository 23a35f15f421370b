import Checkpoints
import Layers
import Tensors

/// Several networks of one architecture, whose probabilities are averaged: what single ones are unsure of
/// they seldom share.
///
/// Its scores are log(mean of the members' softmax), so that their softmax is the mean of the members'
/// probabilities. Memory and time are those of the members together; prepared, one runs after the other in
/// the same arena.
///
/// - Source: Lakshminarayanan et al. 2017, arXiv:1612.01474; of snapshots of one training Huang et al. 2017,
///   arXiv:1704.00109.
public struct Ensemble: Network {
  /// Everything learned or collected, each member's below `members.<i>`.
  public let parameters: ParameterList
  /// The network's description, which needs no parameters: that of a member, with the parts of all.
  public let description: NetworkDescription
  private let members: [any Network]

  /// The possible numbers of members.
  static let counts = 2...largestCount
  /// The most members that there may be.
  public static let largestCount = 64

  /// Members with fresh weights drawn from `seed`, each its own, or with parameters that wait for their
  /// values without one.
  ///
  /// - Parameter make: makes a member below a place.
  init(members count: Int, seed: UInt64?, make: (ParameterScope) -> any Network) {
    precondition(Self.counts.contains(count), "an ensemble of \(count) members")
    let root = ParameterScope(ParameterList(), seed: seed)
    parameters = root.parameters
    members = (0..<count).map { make(root.descendant(Self.place(of: $0, among: count))) }
    var description = members[0].description
    func ofAll(_ prefixes: [String]) -> [String] {
      (0..<count).flatMap { index in prefixes.map { Self.place(of: index, among: count) + $0 } }
    }
    description.parts = description.parts.map {
      NetworkPart($0.role, name: $0.name, prefixes: ofAll($0.prefixes))
    }
    description.layers = description.layers?.map(ofAll)
    description.firstConvolution = Self.place(of: 0, among: count) + description.firstConvolution
    description.imageConvolution = nil
    self.description = description
  }

  /// Returns the prefix of the paths of a member's parameters: that of one alone is the root.
  static func place(of index: Int, among count: Int) -> String { count == 1 ? "" : "members.\(index)." }

  /// Whether the card at `path` may say that there are so many.
  ///
  /// - Throws: ``CheckpointError`` (`card`) where they are neither one nor an ensemble.
  static func check(members count: Int, path: String = "model card") throws(CheckpointError) {
    guard count == 1 || counts.contains(count) else {
      throw CheckpointError(
        .card, path: path, "an ensemble of \(count) members: there may be 1 to \(counts.upperBound)")
    }
  }

  /// Returns the tensors of each member of a file, under the names of a network alone.
  ///
  /// - Throws: ``CheckpointError``: `card` for a number that cannot be, `mismatch` that names a tensor of no
  ///   member.
  public static func members(_ count: Int, of file: WeightsFile) throws(CheckpointError) -> [WeightsFile] {
    try check(members: count, path: file.path)
    let places = (0..<count).map { place(of: $0, among: count) }
    if let stray = file.entries.first(where: { entry in !places.contains { entry.name.hasPrefix($0) } }) {
      throw CheckpointError(
        .mismatch, path: file.path,
        "tensor '\(stray.name)' is of none of the \(count) members that the card names")
    }
    return try places.map { place throws(CheckpointError) in
      try file.renamed { $0.hasPrefix(place) ? String($0.dropFirst(place.count)) : nil }
    }
  }

  /// Scores whose softmax is the mean of the members' probabilities, and the features of the first member's
  /// head.
  public func callAsFunction(_ encoded: [Value], of input: Value, in pass: Pass) -> NetworkOutput {
    let count = encoded.count / members.count
    let results = members.enumerated().map { index, member in
      member(Array(encoded[index * count..<(index + 1) * count]), of: input, in: pass)
    }
    return NetworkOutput(
      scores: pass.tape.logMeanProbabilities(results.map(\.scores)), features: results[0].features)
  }

  /// Returns what the encoders make of images, one member's after the other's.
  public func encoded(_ input: Value, in pass: Pass) -> [Value] {
    members.flatMap { $0.encoded(input, in: pass) }
  }

  /// Computes the maps of the first member's encoder.
  public func encoderFeatures(of input: Value, in pass: Pass) -> [Value] {
    members[0].encoderFeatures(of: input, in: pass)
  }
}
