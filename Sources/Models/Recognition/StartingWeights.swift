import Checkpoints
import Layers
import Tensors

/// A file of weights under the names of a segmentation network that is to start from it.
public struct StartingWeights {
  /// The tensors by their paths in the network.
  public let file: WeightsFile
  /// Whether decoder and head are among them, or the encoder alone.
  public let isWhole: Bool

  /// Finds what a file is to a network of the wanted kind: all of it, or the weights of its encoder under any publisher's names.
  ///
  /// - Parameter comparison: how the network brings two dates together. Published weights know one date: their decoder does not fit
  ///   a network that compares.
  /// - Throws: ``CheckpointError`` `mismatch` that says what the file is instead, or which tensors are missing.
  public init(
    _ file: WeightsFile, for wanted: SegmentationArchitecture, comparing comparison: DateComparison? = nil
  ) throws(CheckpointError) {
    let network = wanted.network(bands: 1, classes: 1, seed: nil)
    let rest = network.stages.suffix(2).flatMap(\.prefixes)
    if let whole = Recognition.candidates(for: file, among: [PublishedArchitecture(wanted)]).first {
      let below = whole.prefix.isEmpty ? file : file.below(whole.prefix)
      if below.entries.contains(where: { entry in rest.contains { entry.name.hasPrefix($0) } }) {
        guard comparison != nil else {
          (self.file, isWhole) = (below, true)
          return
        }
        let encoder = try below.renamed { name in rest.contains { name.hasPrefix($0) } ? nil : name }
        (self.file, isWhole) = (encoder, false)
        return
      }
    }
    let encoder = network.parameters.all.filter { parameter in
      !rest.contains { parameter.path.hasPrefix($0) }
    }
    let candidates = Recognition.candidates(for: file, among: PublishedArchitecture.backbones)
    guard let (found, paths) = Self.first(of: candidates, thatFits: encoder) else {
      throw CheckpointError(
        .mismatch, path: file.path,
        "these are not weights of \(wanted.name) with \(wanted.encoder): "
          + Self.explanation(candidates.first))
    }
    let below = found.prefix.isEmpty ? file : file.below(found.prefix)
    var named = try below.renamed { paths[$0] }
    named.note(
      "read as \(found.network.name) in \(found.options.scheme.rawValue)'s names"
        + Self.leftOut(below.entries.map(\.name).filter { paths[$0] == nil }, found))
    if let note = Self.otherConstants(found, wanted) { named.note(note) }
    (self.file, isWhole) = (named, false)
  }

  /// A file that terrane wrote of the very network.
  public init(own file: WeightsFile) { (self.file, isWhole) = (file, true) }

  /// What these weights were trained with and the wanted network does not compute.
  private static func otherConstants(_ found: Recognition, _ wanted: SegmentationArchitecture) -> String? {
    let trained = found.network.network(found.options).ownConstants
    let run = wanted.backbone.make(wanted.backbone.encoderOptions, ParameterScope(ParameterList(), seed: nil))
      .ownConstants
    guard let trained, let run, trained != run else { return nil }
    return "these weights were made for \(trained), \(wanted.encoder) has \(run): its activations differ "
      + "from the original's until it is fine-tuned"
  }

  /// The first architecture that has the encoder's tensors in the same order and shapes, with the encoder's path of each name.
  private static func first(of candidates: [Recognition], thatFits encoder: [Parameter]) -> (
    Recognition, [String: String]
  )? {
    for candidate in candidates where candidate.missing.isEmpty && candidate.misshapen.isEmpty {
      var options = candidate.options
      options.classes = nil
      options.bands = 1
      let tensors = Blueprint(candidate.network, options).tensors
      guard tensors.map(\.shape) == encoder.map(\.tensor.shape) else { continue }
      return (candidate, Dictionary(uniqueKeysWithValues: zip(tensors.map(\.path), encoder.map(\.path))))
    }
    return nil
  }

  private static func explanation(_ best: Recognition?) -> String {
    guard let best else { return "no architecture explains its tensors" }
    let first =
      (best.missing + best.misshapen.map(\.name)).first.map { "; tensor '\($0)' does not fit" } ?? ""
    return "\(best.network.description) explains \(best.fitting) of its tensors best" + first
  }

  /// Heads and counters are nobody's loss; other names are said.
  private static func leftOut(_ names: [String], _ found: Recognition) -> String {
    let unknown = found.leftOver
    let head = Set(names.map { found.prefix + $0 }).subtracting(unknown).count
    guard !unknown.isEmpty else {
      return head == 0 ? "" : ", without its head and counters (\(head) tensors)"
    }
    let shown =
      unknown.prefix(5).joined(separator: ", ") + (unknown.count > 5 ? " and \(unknown.count - 5) more" : "")
    return ", leaving out \(shown)" + (head > 0 ? " and its head and counters (\(head) tensors)" : "")
  }
}
