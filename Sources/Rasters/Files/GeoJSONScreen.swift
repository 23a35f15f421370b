import Foundation
import Host

/// A GeoJSON file, looked through before GDAL sees it for what would make GDAL look elsewhere.
///
/// GDAL takes the member `crs` of the whole, and of each geometry, whatever the case of its name: it fetches
/// the address of a link, and reads a name as anything that a system can be given as. A file of strict JSON
/// whose `crs` are all harmless passes.
struct GeoJSONScreen {
  /// Whether the file says a coordinate reference system anywhere.
  package private(set) var hasCRS = false

  /// Reads the file once from beginning to end.
  ///
  /// - Throws: `noCRS` where a `crs` would make GDAL open or fetch something; `unreadable` where the file is
  ///   no JSON; `inputOutput`.
  package init(path: String) throws(RasterError) {
    let data: Data
    do throws(SystemError) { data = try RegularFile.contents(of: path, limit: 1 << 30) } catch {
      throw RasterError(error, "open the vector file")
    }
    var definitions: [Range<Int>] = []
    var refusal: String?
    switch data.withUnsafeBytes({ Self.findSystems(in: $0, &definitions) }) {
    case .noJSON(let place)?:
      throw RasterError(.unreadable, "open the vector file", path: path, cause: "no JSON at byte \(place)")
    case .refused(let reason)?: refusal = reason
    case nil:
      refusal =
        definitions.lazy.compactMap { range in
          Self.refusal(of: data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound])
        }.first
    }
    if let refusal {
      throw RasterError(
        .noCRS, "read the coordinate reference system", path: path, cause: "the 'crs' is refused: \(refusal)")
    }
    hasCRS = !definitions.isEmpty
  }

  /// The findings that end the search for systems.
  private enum Problem {
    /// A character that JSON has not outside of texts: other quotes and comments, which GDAL would read.
    case noJSON(at: Int)
    /// A system that is refused whatever it says.
    case refused(String)
  }

  /// Finds the values of all members called `crs` that are objects.
  ///
  /// - Returns: why the search ended before the file did; nil where all is well.
  private static func findSystems(in bytes: UnsafeRawBufferPointer, _ found: inout [Range<Int>]) -> Problem? {
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "/") { return .noJSON(at: place) }
      guard byte == UInt8(ascii: "\"") else {
        place += 1
        continue
      }
      guard let end = endOfText(in: bytes, from: place) else { return .noJSON(at: place) }
      let name = place + 1..<end
      place = end + 1
      guard isCRS(bytes, name) else { continue }
      var next = end + 1
      while next < bytes.count, isSpace(bytes[next]) { next += 1 }
      guard next < bytes.count, bytes[next] == UInt8(ascii: ":") else { continue }
      next += 1
      while next < bytes.count, isSpace(bytes[next]) { next += 1 }
      guard next < bytes.count, bytes[next] == UInt8(ascii: "{") else { continue }
      guard let last = endOfObject(in: bytes, from: next) else {
        return .refused("it is longer than \(CRSDefinition.longest) bytes, or not closed")
      }
      // What is inside is looked through by the loop as well. Each byte is read twice at most so.
      if let before = found.last, next < before.upperBound { return .refused("it holds a 'crs' of its own") }
      found.append(next..<last)
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// Returns the place of the quote that closes a text.
  private static func endOfText(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var place = start + 1
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "\"") { return place }
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// Returns the end of an object; nil where it is longer than a definition may be.
  private static func endOfObject(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var (place, depth) = (start, 0)
    let limit = min(bytes.count, start + CRSDefinition.longest)
    while place < limit {
      switch bytes[place] {
      case UInt8(ascii: "\""): place = endOfText(in: bytes, from: place) ?? limit
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return place + 1 }
      default: break
      }
      place += 1
    }
    return nil
  }

  /// Returns whether a member's name is `crs`, written in any case and with any escapes.
  private static func isCRS(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>) -> Bool {
    guard name.count >= 3, name.count <= 18 else { return false }
    if name.count == 3 {
      return zip(name, "crs".utf8).allSatisfy { bytes[$0] | 0x20 == $1 }
    }
    guard name.contains(where: { bytes[$0] == UInt8(ascii: "\\") }) else { return false }
    let text = Data([UInt8(ascii: "\"")] + name.map { bytes[$0] } + [UInt8(ascii: "\"")])
    let word = try? JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed) as? String
    return word.map { $0.lowercased() == "crs" } ?? true
  }

  /// Returns the reason why a `crs` is refused; nil for one that is a name which says the system by itself.
  private static func refusal(of text: Data) -> String? {
    guard let object = try? JSONSerialization.jsonObject(with: text) as? [String: Any] else {
      return "it is no object of JSON"
    }
    var members: [String: Any] = [:]
    for (key, value) in object {
      if members.updateValue(value, forKey: key.lowercased()) != nil { return "'\(key)' is there twice" }
    }
    let kind = (members["type"] as? String ?? "").lowercased()
    guard let properties = members["properties"] as? [String: Any] else {
      return kind == "link" || kind == "url" ? "it is a link" : nil
    }
    switch kind {
    case "link", "url": return "it is a link"
    case "name":
      for (key, value) in properties where key.lowercased() == "name" {
        guard let name = value as? String else { continue }
        if let refusal = CRSDefinition.refusal(of: name) { return refusal }
      }
      return nil
    case "epsg", "ogc":
      for value in properties.values {
        guard let code = value as? String, !code.contains(/^[A-Za-z0-9:._-]*$/) else { continue }
        return "'\(code.prefix(80))' is no code"
      }
      return nil
    default: return "its type is '\(kind.prefix(40))'; 'name' is read"
    }
  }
}
