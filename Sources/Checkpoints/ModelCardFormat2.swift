import Classes

/// The JSON of a card in format 2. A key that would say nothing is left out.
struct ModelCardFormat2: Codable {
  /// The input of the network.
  struct Input: Codable {
    let sensor: String
    let bands: [ModelCard.Band]
    let comparison: DateComparison?
    let radiometry: [RadiometricStep]?
    let trainingQuantiles: [[Double]]?
  }

  /// The network that the weights fit.
  struct Network: Codable {
    let architecture: String
    let encoder: String
    let members: Int?
    let learner: LearnerCard?
  }

  /// The meaning of the scores.
  ///
  /// Tasks whose answers are no classes (boxes, a unit, dimensions) get keys of their own here, beside
  /// `classes`.
  struct Output: Codable {
    let classes: [LandClass]
    let isTrained: Bool
  }

  /// The lineage of the weights: the steps, the licence and the origin.
  struct Lineage: Codable {
    let steps: [LineageStep]?
    let trainedWith: String?
    let licence: String?
    let isNonCommercial: Bool?
    let origin: String?

    var isEmpty: Bool {
      steps == nil && trainedWith == nil && licence == nil && isNonCommercial == nil && origin == nil
    }
  }

  /// The format that terrane writes, and the last one that it reads.
  static let number = 2

  let format: Int
  let task: String?
  let input: Input
  let network: Network
  let output: Output
  let lineage: Lineage?

  init(_ card: ModelCard) {
    (format, task) = (Self.number, card.task)
    input = Input(
      sensor: card.sensor, bands: card.bands, comparison: card.comparison,
      radiometry: card.radiometry.isEmpty ? nil : card.radiometry,
      trainingQuantiles: card.trainingQuantiles)
    network = Network(
      architecture: card.architecture, encoder: card.encoder, members: card.members, learner: card.learner)
    output = Output(classes: card.classes, isTrained: card.hasTrainedHead)
    let lineage = Lineage(
      steps: card.history.isEmpty ? nil : card.history, trainedWith: card.trainedWith,
      licence: card.licence, isNonCommercial: card.isNonCommercial ? true : nil, origin: card.origin)
    self.lineage = lineage.isEmpty ? nil : lineage
  }
}

extension ModelCard {
  init(_ json: ModelCardFormat2) {
    let (input, network, lineage) = (json.input, json.network, json.lineage)
    self.init(
      architecture: network.architecture, encoder: network.encoder, sensor: input.sensor, bands: input.bands,
      classes: json.output.classes, hasTrainedHead: json.output.isTrained, history: lineage?.steps ?? [],
      trainedWith: lineage?.trainedWith, licence: lineage?.licence,
      isNonCommercial: lineage?.isNonCommercial ?? false, origin: lineage?.origin, members: network.members,
      comparison: input.comparison, task: json.task)
    (radiometry, trainingQuantiles) = (input.radiometry ?? [], input.trainingQuantiles)
    learner = network.learner
  }
}
