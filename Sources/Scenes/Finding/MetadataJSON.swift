import Foundation
import Host
import Rasters

/// A JSON file of a product's metadata, hostile until it is checked.
enum MetadataJSON {
  /// The most bytes that are read.
  static let limit = 8 << 20
  /// The most lists and objects within each other.
  private static let depth = 64

  /// Reads a value from a file that lies beside what it describes.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput` naming the file; `unreadable` with the member that
  ///   is not as it should be.
  static func decode<Value: Decodable>(_ type: Value.Type, from file: String) throws(RasterError) -> Value {
    let attempted = "read the product's metadata"
    try InputPath.checkCompanion(file, to: attempted)
    let data: Data
    do throws(SystemError) { data = try RegularFile.contents(of: file, limit: limit) } catch {
      throw RasterError(error, attempted)
    }
    return try decode(type, data, of: file)
  }

  /// Reads a value from a file's bytes.
  ///
  /// - Throws: `unreadable` naming the file and the member.
  static func decode<Value: Decodable>(
    _ type: Value.Type, _ data: Data, of file: String
  ) throws(RasterError) -> Value {
    func refusal(_ cause: String) -> RasterError {
      RasterError(.unreadable, "read the product's metadata", path: file, cause: cause)
    }
    guard isShallow(data) else { throw refusal("lists and objects deeper than \(depth) within each other") }
    do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
      throw refusal(words(error))
    } catch {
      throw refusal("no JSON")
    }
  }

  /// Returns whether lists and objects lie no deeper within each other than they may.
  private static func isShallow(_ data: Data) -> Bool {
    var (level, isText, isEscaped) = (0, false, false)
    for byte in data {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        level += 1
        if level > depth { return false }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): level -= 1
      default: break
      }
    }
    return true
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "'\(path(context.codingPath))' is of another type than it should be"
    case .keyNotFound(let key, let context): "it has no '\(path(context.codingPath + [key]))'"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(path(context.codingPath))': \(context.debugDescription)"
    default: "no JSON"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
  }
}
