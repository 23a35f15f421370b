import Classes

/// The JSON of a card before there were formats: flat, with the steps that made the weights in sentences.
struct ModelCardFormat1: Decodable {
  let task: String?
  let architecture: String
  let encoder: String
  let sensor: String
  let bands: [ModelCard.Band]
  let classes: [LandClass]
  let hasTrainedHead: Bool
  let history: [String]
  let trainedWith: String?
  let licence: String?
  let isNonCommercial: Bool?
  let origin: String?
  let members: Int?
  let comparison: DateComparison?
  let radiometry: [RadiometricStep]?
  let trainingQuantiles: [[Double]]?
}

extension ModelCard {
  init(_ json: ModelCardFormat1) {
    self.init(
      architecture: json.architecture, encoder: json.encoder, sensor: json.sensor, bands: json.bands,
      classes: json.classes, hasTrainedHead: json.hasTrainedHead,
      history: json.history.map(LineageStep.init(sentence:)), trainedWith: json.trainedWith,
      licence: json.licence, isNonCommercial: json.isNonCommercial ?? false, origin: json.origin,
      members: json.members, comparison: json.comparison, task: json.task)
    (radiometry, trainingQuantiles) = (json.radiometry ?? [], json.trainingQuantiles)
  }
}
