extension ModelCard {
  private enum CodingKeys: String, CodingKey { case format }

  /// Reads a card of format 1, which has no `format`, or 2.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    switch try values.decodeIfPresent(Int.self, forKey: .format) ?? 1 {
    case 1: self.init(try ModelCardFormat1(from: decoder))
    case ModelCardFormat2.number: self.init(try ModelCardFormat2(from: decoder))
    case let later where later > ModelCardFormat2.number: throw LaterFormat(number: later)
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .format, in: values, debugDescription: "there is no format \(other)")
    }
  }

  /// Writes a card of format 2.
  public func encode(to encoder: any Encoder) throws { try ModelCardFormat2(self).encode(to: encoder) }

  /// The failure to read a card of a format that did not exist when this terrane was built.
  struct LaterFormat: Error, CustomStringConvertible {
    let number: Int

    var description: String {
      "the model card has format \(number): a later terrane reads it, this one reads formats 1 and \(ModelCardFormat2.number)"
    }
  }
}

extension ModelCard.Clip: Codable {
  /// Reads `[low, high]`, in either order.
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
