import Foundation

/// A mistake in a text that should be JSON.
public struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
  /// What Foundation says of it: what is wrong, and at which character.
  public let description: String
}

extension JSONValue {
  /// Reads one JSON text.
  ///
  /// - Throws: `JSONSyntaxError` where the text is not JSON, or is nested more than 512 deep.
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Data(text.utf8))
  }

  /// Reads one JSON text in UTF-8.
  ///
  /// `JSONDecoder` would learn what a value is by failing to read it as something else, which takes longer by
  /// far.
  ///
  /// - Throws: `JSONSyntaxError` where the bytes are not JSON, or nested more than 512 deep.
  public init(parsing data: Data) throws(JSONSyntaxError) {
    do {
      self.init(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
    } catch {
      let facts = (error as NSError).userInfo
      throw JSONSyntaxError(description: facts[NSDebugDescriptionErrorKey] as? String ?? "it is no JSON")
    }
  }

  /// - Parameter object: what `JSONSerialization` has read.
  private init(_ object: Any) {
    switch object {
    case let text as String: self = .string(text)
    case let items as [Any]: self = .array(items.map(JSONValue.init))
    case let members as [String: Any]: self = .object(members.mapValues(JSONValue.init))
    case let number as NSNumber:
      switch UInt8(bitPattern: number.objCType.pointee) {
      case UInt8(ascii: "c"): self = .bool(number.boolValue)
      case UInt8(ascii: "i"), UInt8(ascii: "q"): self = .int(number.intValue)
      default: self = .number(number.doubleValue)
      }
    default: self = .null
    }
  }
}
