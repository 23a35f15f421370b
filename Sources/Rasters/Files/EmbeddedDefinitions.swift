import Foundation

/// Definitions of coordinate reference systems in the texts that rasters carry, looked at before GDAL reads
/// them.
///
/// A VRT names systems as free text, a JPEG 2000 in the GML of its boxes. GDAL reads both as anything that a
/// system can be given as (``CRSDefinition``). A GeoTIFF may hold well-known text as ArcGIS writes it.
enum EmbeddedDefinitions {
  /// Bytes of XML that are looked at in one file.
  private static let most = 32 << 20
  /// The tag of a GeoTIFF that holds all texts of its keys.
  private static let geoAsciiParams = 34_737

  /// - Throws: `noCRS` where a definition leads elsewhere.
  static func check(_ file: String, path: String) throws(RasterError) {
    for tiff in [file, file + ".msk"] { try check(tiff: tiff, path: tiff == file ? path : tiff) }
    let text: String
    if Dataset.looksLikeVRT(file) {
      guard let data = FileHandle(forReadingAtPath: file).map({ $0.readData(ofLength: most) }) else { return }
      text = String(decoding: data, as: UTF8.self)
    } else if let boxes = xml(ofJPEG2000: file) {
      text = boxes
    } else {
      return
    }
    // A JPEG 2000 may hold the dictionary itself.
    for definition in definitions(in: text) where !definition.hasPrefix("gmljp2://xml/") {
      guard let refusal = CRSDefinition.refusal(of: definition) else { continue }
      throw refused(refusal, path)
    }
  }

  private static func check(tiff file: String, path: String) throws(RasterError) {
    for text in TIFFNoDataText.texts(of: geoAsciiParams, longest: CRSDefinition.longest, from: file) {
      guard let text else {
        throw refused("the texts of its keys are too long, or outside of the file", path)
      }
      // GDAL takes no other text of a key for a definition; those may well speak of files.
      guard text.contains(/(?i)ESRI PE String/), let outside = CRSDefinition.outsideFile(in: text) else {
        continue
      }
      throw refused("it names the file '\(outside.prefix(80))'", path)
    }
  }

  private static func refused(_ cause: String, _ path: String) -> RasterError {
    RasterError(.noCRS, "read the coordinate reference system", path: path, cause: "it is refused: \(cause)")
  }

  /// The texts that stand where a system is named.
  private static func definitions(in xml: String) -> [String] {
    var plain = xml.replacing(/<!--[\s\S]*?-->/, with: "")
    plain = plain.replacing("<![CDATA[", with: "").replacing("]]>", with: "")
    let elements = plain.matches(
      of: /(?i)<(?:SRS|SourceSRS|TargetSRS|GCPProjection|SourceProjection)(?:\s[^>]*)?>([^<]*)</
    )
    .map { String($0.1) }
    let attributes = plain.matches(of: /(?i)\b(?:Projection|srsName|srs)\s*=\s*(?:"([^"]*)"|'([^']*)')/)
      .map { String($0.1 ?? $0.2 ?? "") }
    return (elements + attributes).map(unescaped)
  }

  private static func unescaped(_ text: String) -> String {
    var text = text
    for (name, character) in [("quot", "\""), ("apos", "'"), ("lt", "<"), ("gt", ">")] {
      text = text.replacing("&\(name);", with: character)
    }
    text = text.replacing(/&#(x?)([0-9A-Fa-f]+);/) { match in
      UInt32(match.2, radix: match.1.isEmpty ? 10 : 16).flatMap(UnicodeScalar.init).map { String($0) } ?? ""
    }
    return text.replacing("&amp;", with: "&")
  }

  /// The XML in the boxes of a JPEG 2000; nil where the file is none.
  private static func xml(ofJPEG2000 path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    let signature = Data([0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20])
    guard (try? file.read(upToCount: 8)) == signature else { return nil }
    let end = (try? file.seekToEnd()) ?? 0
    var found = Data()
    boxes(of: file, from: 0, to: end, depth: 0, into: &found)
    return String(decoding: found, as: UTF8.self)
  }

  private static func boxes(
    of file: FileHandle, from start: UInt64, to end: UInt64, depth: Int, into found: inout Data
  ) {
    var place = start
    while place + 8 <= end, found.count < most {
      guard (try? file.seek(toOffset: place)) != nil, let head = try? file.read(upToCount: 16),
        head.count >= 8
      else {
        return
      }
      func number(_ range: Range<Int>) -> UInt64 { head[range].reduce(0) { $0 << 8 | UInt64($1) } }
      var (length, header): (UInt64, UInt64) = (number(0..<4), 8)
      if length == 1, head.count == 16 { (length, header) = (number(8..<16), 16) }
      if length == 0 { length = end - place }
      guard length >= header, length <= end - place else { return }
      switch String(decoding: head[4..<8], as: UTF8.self) {
      case "asoc" where depth < 8:
        boxes(of: file, from: place + header, to: place + length, depth: depth + 1, into: &found)
      case "xml ":
        guard (try? file.seek(toOffset: place + header)) != nil else { return }
        found += (try? file.read(upToCount: Int(min(length - header, UInt64(most))))) ?? Data()
      default: break
      }
      place += length
    }
  }
}
