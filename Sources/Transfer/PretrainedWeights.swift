import Checkpoints
import Layers
import Models
import Tensors

/// A file of weights that somebody trained, and how it is fitted to the network at hand.
///
/// The file is a whole segmentation network, or the encoder of one under any publisher's names, below which the decoder starts
/// fresh.
public struct PretrainedWeights {
  /// The card: the file's own, or the one given beside it.
  public let card: ModelCard
  private let file: WeightsFile

  /// Reads weights and card.
  ///
  /// - Parameters:
  ///   - path: safetensors, or what torch.save wrote.
  ///   - cardPath: a card in a file of its own, which wins over the metadata.
  /// - Throws: ``CheckpointError``; `card` where there is no card, because nothing is guessed about radiometry.
  public init(path: String, cardPath: String?) throws(CheckpointError) {
    let file = try WeightsFile(contentsOf: path)
    var card = try ModelCard(in: file)
    if let cardPath { card = try ModelCard(contentsOf: cardPath) }
    guard let card else {
      throw CheckpointError(
        .card, path: path,
        "there is no model card in its metadata: give 'card', a JSON file with architecture, encoder, sensor, bands "
          + "(name, mean, deviation) and classes")
    }
    (self.card, self.file) = (card, file)
    for band in card.bands where !(band.mean.isFinite && band.deviation.isFinite && band.deviation > 0) {
      throw CheckpointError(
        .card, path: cardPath ?? path,
        "the card's band '\(band.name)' has mean \(band.mean) and deviation \(band.deviation)")
    }
    try Self.checkFinite(file)
  }

  /// One NaN makes every map empty, so it is named here and not after a night's work.
  private static func checkFinite(_ file: WeightsFile) throws(CheckpointError) {
    for name in file.entries.map(\.name).sorted() {
      guard try file.tensor(name).withValues({ values in values.allSatisfy(\.isFinite) }) else {
        throw CheckpointError(.malformed, path: file.path, "tensor '\(name)' holds NaN or infinite values")
      }
    }
  }

  /// Whether the network must be fitted to these bands, so that normalisations see other statistics.
  public func needsFitting(sensor: String, bands: [String]) -> Bool {
    card.sensor != sensor || card.bands.map(\.name) != bands
  }

  /// A network for the wanted card with these weights in it.
  ///
  /// - Parameters:
  ///   - wanted: architecture, encoder, sensor, bands and classes at hand; the bands' statistics are taken from the file's
  ///     card for bands of the same name and sensor, else from here.
  ///   - seed: what a fresh head, or decoder, is drawn from.
  /// - Returns: the model, and what was done, in sentences.
  /// - Throws: ``CheckpointError`` that names tensors.
  public func model(for wanted: ModelCard, seed: UInt64) throws(CheckpointError) -> (
    SegmentationModel, notes: [String]
  ) {
    guard (card.architecture, card.encoder) == (wanted.architecture, wanted.encoder) else {
      throw CheckpointError(
        .card, path: file.path,
        "these are weights of \(card.architecture) with \(card.encoder), the pipeline wants \(wanted.architecture) with "
          + wanted.encoder)
    }
    let architecture = try SegmentationModel.architecture(of: wanted)
    let start = try StartingWeights(file, for: architecture)
    let first = try firstConvolution(of: architecture, in: start.file)
    var notes = start.file.notes
    var replacements: [String: Tensor] = [:]
    var target = wanted
    target.history = card.history
    let fitting = fitBands(&target, &notes)
    target.hasTrainedHead = keepsHead(target, start, &notes)
    // Nothing is drawn that the file replaces.
    let isWhole = start.isWhole && target.hasTrainedHead
    let model = try SegmentationModel(card: target, seed: isWhole ? nil : seed)
    if let fitting { replacements[first] = fitting.fit(try start.file.tensor(first)) }
    let fresh =
      start.isWhole ? (isWhole ? [] : model.network.stages.suffix(1)) : model.network.stages.suffix(2)
    let prefixes = fresh.flatMap(\.prefixes)
    for parameter in model.network.parameters.all
    where prefixes.contains(where: { parameter.path.hasPrefix($0) }) {
      replacements[parameter.path] = parameter.tensor
    }
    try StrictLoading.load(start.file, into: model.network.parameters, replacing: replacements)
    return (model, notes)
  }

  /// The path of the first convolution's weight, whose channels must be the card's bands.
  private func firstConvolution(of architecture: SegmentationArchitecture, in file: WeightsFile)
    throws(CheckpointError) -> String
  {
    let path = architecture.network(bands: card.bands.count, classes: 1, seed: nil).firstConvolution
    let shape = file[path]?.shape
    guard shape?.rank == 4, shape?[1] == card.bands.count else {
      throw CheckpointError(
        .card, path: file.path,
        "the card names \(card.bands.count) bands, tensor '\(path)' is "
          + (shape.map { "\($0)" } ?? "missing"))
    }
    return path
  }

  /// Puts what is known of the target's bands into its card; nil where the bands are those of the file.
  private func fitBands(_ target: inout ModelCard, _ notes: inout [String]) -> BandFitting? {
    let isSameSensor = card.sensor == target.sensor
    if !isSameSensor {
      notes.append(
        "trained on \(card.sensor), used on \(target.sensor): bands are normalised by the scenes at hand")
    }
    let fitting = BandFitting(from: card.bands, to: target.bands.map { ($0.name, $0.wavelength) })
    for (index, source) in fitting.sources.enumerated() {
      let name = target.bands[index].name
      switch source {
      case .sameName:
        if isSameSensor { target.bands[index] = card.bands.first { $0.name == name }! }
      case .nearestWavelength(let other, let distance):
        notes.append("band \(name) takes the filters of \(other), \(Int(distance.rounded())) nm away")
      case .zero: notes.append("band \(name) is unknown to the weights: its filters start at zero")
      }
    }
    return card.bands.map(\.name) != target.bands.map(\.name) ? fitting : nil
  }

  private func keepsHead(_ target: ModelCard, _ start: StartingWeights, _ notes: inout [String]) -> Bool {
    if !start.isWhole {
      notes.append("the weights are a bare encoder: the decoder starts fresh")
      return false
    }
    guard card.classes == target.classes else {
      notes.append(
        "the weights know other classes (\(card.classes.map(\.name).joined(separator: ", "))): the head starts fresh"
      )
      return false
    }
    return card.hasTrainedHead
  }
}
