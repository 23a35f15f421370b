// The keys of JSON. What came after the first release is written only where it says something: the card of a model that
// has none of it keeps its bytes, and with it the digest of its file.
extension ModelCard {
  private enum CodingKeys: String, CodingKey {
    case architecture, encoder, sensor, bands, classes, hasTrainedHead, history, trainedWith
    case licence, isNonCommercial, origin, members, comparison, radiometry, trainingQuantiles, task
  }

  /// Reads a card; what came after the first release may be missing.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    architecture = try values.decode(String.self, forKey: .architecture)
    encoder = try values.decode(String.self, forKey: .encoder)
    sensor = try values.decode(String.self, forKey: .sensor)
    bands = try values.decode([Band].self, forKey: .bands)
    classes = try values.decode([Class].self, forKey: .classes)
    hasTrainedHead = try values.decode(Bool.self, forKey: .hasTrainedHead)
    history = try values.decode([String].self, forKey: .history)
    trainedWith = try values.decodeIfPresent(String.self, forKey: .trainedWith)
    licence = try values.decodeIfPresent(String.self, forKey: .licence)
    isNonCommercial = try values.decodeIfPresent(Bool.self, forKey: .isNonCommercial) ?? false
    origin = try values.decodeIfPresent(String.self, forKey: .origin)
    members = try values.decodeIfPresent(Int.self, forKey: .members)
    comparison = try values.decodeIfPresent(DateComparison.self, forKey: .comparison)
    radiometry = try values.decodeIfPresent([RadiometricStep].self, forKey: .radiometry) ?? []
    task = try values.decodeIfPresent(String.self, forKey: .task)
    trainingQuantiles = try values.decodeIfPresent([[Double]].self, forKey: .trainingQuantiles)
  }

  /// Writes a card without what it does not say.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(architecture, forKey: .architecture)
    try values.encode(self.encoder, forKey: .encoder)
    try values.encode(sensor, forKey: .sensor)
    try values.encode(bands, forKey: .bands)
    try values.encode(classes, forKey: .classes)
    try values.encode(hasTrainedHead, forKey: .hasTrainedHead)
    try values.encode(history, forKey: .history)
    try values.encodeIfPresent(trainedWith, forKey: .trainedWith)
    try values.encodeIfPresent(licence, forKey: .licence)
    if isNonCommercial { try values.encode(true, forKey: .isNonCommercial) }
    try values.encodeIfPresent(origin, forKey: .origin)
    try values.encodeIfPresent(members, forKey: .members)
    try values.encodeIfPresent(comparison, forKey: .comparison)
    if !radiometry.isEmpty { try values.encode(radiometry, forKey: .radiometry) }
    try values.encodeIfPresent(task, forKey: .task)
    try values.encodeIfPresent(trainingQuantiles, forKey: .trainingQuantiles)
  }
}

extension ModelCard.Clip: Codable {
  /// Reads `[low, high]`, in whatever order.
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    self.init(try values.decode(Double.self), try values.decode(Double.self))
    guard values.isAtEnd else {
      throw DecodingError.dataCorruptedError(in: values, debugDescription: "clip is two numbers: [low, high]")
    }
  }

  /// Writes `[low, high]`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(low)
    try values.encode(high)
  }
}
