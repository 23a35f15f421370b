import Checkpoints
import Classes
import Layers
import Models
import Tasks
import Tensors

/// A file of weights that somebody trained, and how it is fitted to the network at hand.
///
/// The file is a whole segmentation network, or the encoder of one under any publisher's names, below which
/// the decoder starts fresh; or a classifier of whole images, whose last linear map starts fresh for other
/// classes.
public struct PretrainedWeights {
  /// The place of the card of weights.
  public enum CardSource: Sendable {
    /// The card is in the metadata of the file.
    case metadata
    /// The card is in a file of its own, which wins over the metadata.
    case file(String)
    /// Among those that terrane knows, which wins too.
    case published(PublishedCard)
  }

  /// The card: the file's own, or the one given beside it.
  public let card: ModelCard
  private let file: WeightsFile
  /// Whether the card is a publisher's: its classes have names, their values are the user's to choose, and
  /// its numbers hold for scenes of any sensor in the same unit.
  private let isPublished: Bool

  /// Reads weights and card.
  ///
  /// - Parameters:
  ///   - path: safetensors, or what torch.save wrote.
  ///   - source: where the card is.
  ///   - wanted: architecture and encoder that a published card is to serve.
  /// - Throws: ``CheckpointError``; `card` where there is no card, or one that contradicts itself, because
  ///   nothing is guessed about radiometry.
  public init(path: String, card source: CardSource, for wanted: Architecture)
    throws(CheckpointError)
  {
    file = try WeightsFile(contentsOf: path)
    card = try Self.card(of: file, from: source, for: wanted)
    isPublished = if case .published = source { true } else { false }
  }

  /// Returns the card of a file whose tensors nobody needs yet.
  ///
  /// - Throws: see ``init(path:card:for:)``.
  public static func card(of file: WeightsFile, from source: CardSource, for wanted: Architecture)
    throws(CheckpointError) -> ModelCard
  {
    var origin = file.path
    let card: ModelCard
    switch source {
    case .metadata:
      guard let own = try ModelCard(in: file) else {
        throw CheckpointError(.card, path: file.path, missingCard(of: file))
      }
      card = own
    case .file(let cardPath):
      card = try ModelCard(contentsOf: cardPath)
      origin = cardPath
    case .published(let published):
      let names = wanted.cardNames
      guard published.backbone == nil || published.backbone == names.encoder else {
        throw CheckpointError(
          .card, path: file.path,
          "the card '\(published.name)' is of \(published.architecture), not of \(names.encoder)")
      }
      card = try published.card(architecture: names.architecture, encoder: names.encoder, classes: [])
    }
    let check = CardCheck(card)
    guard check.problems.isEmpty else {
      throw CheckpointError(.card, path: origin, check.problems.joined(separator: "; "))
    }
    return card
  }

  /// Advises the user about weights that say nothing about their input.
  private static func missingCard(of file: WeightsFile) -> String {
    let likely = PublishedCard.likely(for: Recognition.candidates(for: file))
    return
      "there is no model card in its metadata: give 'card', a JSON file with architecture, encoder, sensor, bands "
      + "(name, mean, deviation) and classes, or 'published-card'"
      + (likely.isEmpty ? "" : "; by its shapes it could be " + likely.map(\.name).joined(separator: ", "))
  }

  /// Checks whether the weights can be used on scenes; the answer is what keeps them from it, and what a user
  /// should know, in sentences.
  public func check(_ scenes: CardCheck.Scenes) -> CardCheck { CardCheck(card, scenes: scenes) }

  /// Throws where a weight is not finite: one NaN makes every map empty, so it is named here and not after a
  /// night's work.
  private static func checkFinite(_ file: WeightsFile) throws(CheckpointError) {
    for name in file.entries.map(\.name).sorted() {
      guard try file.tensor(name).withValues({ values in values.allSatisfy(\.isFinite) }) else {
        throw CheckpointError(.malformed, path: file.path, "tensor '\(name)' holds NaN or infinite values")
      }
    }
  }

  /// Returns whether the network must be fitted to the bands at hand, so that normalisations see other
  /// statistics.
  public func needsFitting(to wanted: ModelCard) -> Bool {
    guard card.sensor != wanted.sensor else { return card.bands.map(\.name) != wanted.bands.map(\.name) }
    return !keepsNumbers(for: wanted)
  }

  /// Returns whether another sensor's bands are prepared by the card's own numbers: a published network whose
  /// classes are kept meets each of its bands once, in the unit that it learned from. It was trained on many
  /// scenes; what one scene would say of itself is less.
  private func keepsNumbers(for wanted: ModelCard) -> Bool {
    guard headOrder(for: wanted) != nil, wanted.bands.count == card.bands.count else { return false }
    let fitting = BandFitting(from: card.bands, to: wanted.bands.map { ($0.name, $0.wavelength) })
    let matched = zip(fitting.sources, wanted.bands).map { source, band in
      card.bands.first { $0.name == source.givenName && $0.unit != nil && $0.unit == band.unit }?.name
    }
    return Set(matched.compactMap(\.self)).count == card.bands.count
  }

  /// Returns the place in the card of each wanted class of a published network, by the classes' names; nil
  /// where the names are others, or the card is no publisher's.
  private func headOrder(for wanted: ModelCard) -> [Int]? {
    guard isPublished, card.hasTrainedHead, card.task == wanted.task, wanted.comparison == nil,
      card.classes.count == wanted.classes.count
    else { return nil }
    let places = wanted.classes.compactMap { wanted in card.classes.firstIndex { $0.name == wanted.name } }
    return Set(places).count == card.classes.count ? places : nil
  }

  /// Returns a network for the wanted card with these weights in it.
  ///
  /// - Parameters:
  ///   - wanted: architecture, encoder, sensor, bands and classes at hand; the bands' statistics are taken
  ///     from the file's card for bands of the same name and sensor, else from here.
  ///   - unmatched: what bands get that the weights do not know.
  ///   - seed: what a fresh head, or decoder, is drawn from.
  /// - Returns: the model, an ``Ensemble`` where the file holds one, and what was done, in sentences.
  /// - Throws: ``CheckpointError`` that names tensors.
  public func model(for wanted: ModelCard, unmatched: BandFitting.Unmatched = .zero, seed: UInt64)
    throws(CheckpointError) -> (Model, notes: [String])
  {
    guard let count = card.members, count != 1 else {
      return try model(from: file, for: wanted, unmatched: unmatched, seed: seed)
    }
    guard try type(of: TaskCatalogue.task(of: wanted)).limits.hasOneClass else {
      throw CheckpointError(
        .card, path: file.path,
        "an ensemble averages the probabilities of one class a place; \(wanted.task) has several")
    }
    var (members, notes) = ([Model](), [String]())
    for (index, member) in try Ensemble.members(count, of: file).enumerated() {
      let (model, said) = try model(
        from: member, for: wanted, unmatched: unmatched, seed: seed &+ UInt64(index))
      members.append(model)
      // Each is treated alike.
      notes = said
    }
    notes.append("the weights are an ensemble of \(count) networks")
    return (try Model(ensembleOf: members), notes)
  }

  /// Makes the model from the tensors of one network.
  private func model(
    from file: WeightsFile, for wanted: ModelCard, unmatched: BandFitting.Unmatched, seed: UInt64
  ) throws(CheckpointError) -> (Model, notes: [String]) {
    guard (card.architecture, card.encoder) == (wanted.architecture, wanted.encoder) else {
      throw CheckpointError(
        .card, path: file.path,
        "these are weights of \(card.architecture) with \(card.encoder), the pipeline wants \(wanted.architecture) with "
          + wanted.encoder)
    }
    _ = try TaskCatalogue.task(of: card, path: file.path)
    guard card.comparison == nil || card.comparison == wanted.comparison else {
      throw CheckpointError(
        .card, path: file.path,
        "these weights compare two dates (\(card.comparison!.rawValue)), the pipeline wants "
          + (wanted.comparison.map { "'compares: \($0.rawValue)'" } ?? "a network of one date"))
    }
    let architecture = try Model.architecture(of: wanted)
    let start =
      card.comparison == nil
      ? try StartingWeights(
        file, for: architecture, comparing: wanted.comparison,
        bands: card.wavelengths(of: wanted.bands.map { ($0.name, $0.wavelength) }, of: wanted.sensor))
      : StartingWeights(own: file)
    try Self.checkFinite(start.file)
    let description = architecture.description(
      NetworkOptions(bands: wanted.bands.count, classes: 1, scheme: architecture.schemes[0]))
    let first = description.firstConvolution
    if !start.isMadeForBands { try checkBands(of: first, in: start.file) }
    var notes = start.file.notes
    var replacements: [String: Tensor] = [:]
    var target = wanted
    target.history = card.history
    (target.licence, target.isNonCommercial, target.origin) = (
      card.licence, card.isNonCommercial, card.origin
    )
    let fitting = try fitBands(&target, unmatched, filtersAreMade: start.isMadeForBands, &notes)
    // What the weights have learned from, and what scenes were adjusted to, is known of their own bands and
    // dates only.
    let isOwnInput =
      card.comparison == wanted.comparison
      && (card.sensor, card.bands.map(\.name)) == (wanted.sensor, wanted.bands.map(\.name))
    if isOwnInput {
      (target.trainingQuantiles, target.radiometry) = (card.trainingQuantiles, card.radiometry)
    } else if !card.radiometry.isEmpty {
      notes.append(
        "the weights' radiometric adjustment is of other bands or dates: scenes are left as they are")
    }
    target.hasTrainedHead = keepsHead(target, start, of: architecture, &notes)
    // Filters of other bands in the middle of a decoder are nobody's.
    let newFilters = fitting.flatMap { _ in
      description.imageConvolution
    }
    if newFilters != nil && start.isWhole {
      notes.append("the decoder's own filters of the bands start fresh")
    }
    // Nothing is drawn that the file replaces.
    let isWhole = start.isWhole && target.hasTrainedHead && newFilters == nil
    let model = try Model(card: target, seed: isWhole ? nil : seed)
    if let fitting { replacements[first] = fitting.fit(try start.file.tensor(first)) }
    if wanted.comparison == .earlyFusion && card.comparison == nil {
      let filters = if let fitted = replacements[first] { fitted } else { try start.file.tensor(first) }
      replacements[first] = BandFitting.forBothDates(filters)
    }
    let fresh = freshPaths(of: model, architecture, start)
    for parameter in model.network.parameters.all
    where fresh.contains(parameter.path) || parameter.path == newFilters {
      replacements[parameter.path] = parameter.tensor
    }
    if target.hasTrainedHead, let order = headOrder(for: target), order != Array(order.indices) {
      for path in architecture.classTensors {
        replacements[path] = Self.rows(order, of: try start.file.tensor(path))
      }
    }
    try StrictLoading.load(start.file, into: model.network.parameters, replacing: replacements)
    return (model, notes)
  }

  /// Returns the rows of a tensor, one a class, in another order.
  private static func rows(_ order: [Int], of tensor: Tensor) -> Tensor {
    let length = tensor.shape.count / tensor.shape[0]
    return Tensor(shape: tensor.shape) { target in
      tensor.withValues { source in
        for (row, place) in order.enumerated() {
          for index in 0..<length { target[row * length + index] = source[place * length + index] }
        }
      }
    }
  }

  /// Holds the channels of the first convolution's weight against the card's bands.
  private func checkBands(of path: String, in file: WeightsFile) throws(CheckpointError) {
    let shape = file[path]?.shape
    let channels = card.comparison == .earlyFusion ? 2 * card.bands.count : card.bands.count
    guard shape?.rank == 4, shape?[1] == channels else {
      throw CheckpointError(
        .card, path: file.path,
        "the card names \(card.bands.count) bands, tensor '\(path)' is "
          + (shape.map { "\($0)" } ?? "missing"))
    }
  }

  /// Puts what is known of the target's bands into its card; nil where the bands are those of the file, or
  /// its filters were made for them.
  private func fitBands(
    _ target: inout ModelCard, _ unmatched: BandFitting.Unmatched, filtersAreMade: Bool,
    _ notes: inout [String]
  ) throws(CheckpointError) -> BandFitting? {
    let isSameSensor = card.sensor == target.sensor
    let keepsNumbers = !isSameSensor && keepsNumbers(for: target)
    let fitting = BandFitting(
      from: card.bands, to: target.bands.map { ($0.name, $0.wavelength) }, unmatched: unmatched,
      isSameSensor: isSameSensor)
    guard
      filtersAreMade || unmatched == .tiled || fitting.sources.contains(where: { $0.givenName != nil })
    else {
      throw CheckpointError(
        .card, path: file.path,
        "the weights know none of the bands \(target.bands.map(\.name).joined(separator: ", ")), only "
          + card.bands.map(\.name).joined(separator: ", ")
          + ": the network would see nothing; 'unmatched-bands: tiled' gives its filters to them")
    }
    var measured: [String] = []
    for (index, source) in fitting.sources.enumerated() {
      let name = target.bands[index].name
      let known = source.givenName.flatMap { given in card.bands.first { $0.name == given } }
      if case .sameName = source {} else if !filtersAreMade { notes.append(fitting.sentences[index]) }
      let isSameUnit =
        known?.unit == nil || target.bands[index].unit == nil || known?.unit == target.bands[index].unit
      if let known, isSameSensor ? known.name == name : keepsNumbers || (known.clip != nil && isSameUnit) {
        let wavelength = target.bands[index].wavelength
        target.bands[index] = known
        if known.name != name {
          (target.bands[index].name, target.bands[index].wavelength) = (name, wavelength)
        }
      } else {
        measured.append(name)
      }
    }
    if !filtersAreMade { notes += fitting.sentences.dropFirst(fitting.sources.count) }
    if !isSameSensor {
      let how =
        measured.isEmpty
        ? "bands keep the \(keepsNumbers ? "numbers" : "limits") of the weights"
        : "\(measured.count < target.bands.count ? measured.joined(separator: ", ") : "bands") are normalised by the scenes at hand"
      notes.append("trained on \(card.sensor), used on \(target.sensor): \(how)")
    }
    guard !filtersAreMade, card.bands.map(\.name) != target.bands.map(\.name) else { return nil }
    guard card.comparison != .earlyFusion else {
      throw CheckpointError(
        .card, path: file.path,
        "weights that see both dates at once serve their own bands only, "
          + card.bands.map(\.name).joined(separator: ", "))
    }
    return fitting
  }

  /// Returns the paths of tensors that do not come from the file. Of a head these are the tensors with an
  /// entry for each class, and what the file has not: a normalisation or a hidden layer before them is as
  /// good for other classes.
  private func freshPaths(
    of model: Model, _ architecture: Architecture, _ start: StartingWeights
  ) -> Set<String> {
    let parts = model.network.description.parts
    let (decoder, head) = (parts.with(.decoder), parts.with(.head))
    let classTensors = architecture.classTensors
    let fresh = model.network.parameters.all.map(\.path).filter { path in
      if decoder.contain(path) { return !start.isWhole }
      guard head.contain(path), !model.card.hasTrainedHead else { return false }
      return classTensors.contains(path) || start.file[path] == nil
    }
    return Set(fresh)
  }

  private func keepsHead(
    _ target: ModelCard, _ start: StartingWeights, of architecture: Architecture, _ notes: inout [String]
  ) -> Bool {
    if !start.isWhole {
      let why = target.comparison == nil ? "are a bare encoder" : "know one date"
      notes.append("the weights \(why): the \(architecture.encoder == nil ? "head" : "decoder") starts fresh")
      return false
    }
    guard card.classes == target.classes || headOrder(for: target) != nil else {
      notes.append(
        "the weights know other classes\(knownClasses(start, architecture)): the head starts fresh")
      return false
    }
    guard card.task == target.task else {
      notes.append(
        "the weights were asked another question (\(card.task)): the head starts fresh")
      return false
    }
    return card.hasTrainedHead
  }

  /// Returns the classes of the card in brackets, or how many the head has where the card names none.
  private func knownClasses(_ start: StartingWeights, _ architecture: Architecture) -> String {
    guard card.classes.isEmpty else {
      return " (\(card.classes.map(\.name).joined(separator: ", ")))"
    }
    let shapes = architecture.classTensors.compactMap { start.file[$0]?.shape }
    return shapes.first { $0.rank > 0 }.map { " (\($0[0]) without names)" } ?? ""
  }
}
