import Foundation
import Host

/// Definitions of coordinate reference systems in the texts that rasters carry, looked at before GDAL reads
/// them.
///
/// A VRT names systems as free text, a JPEG 2000 in the GML of its boxes. GDAL reads both as anything that a
/// system can be given as (``CRSDefinition``). A GeoTIFF may hold well-known text as ArcGIS writes it.
enum EmbeddedDefinitions {
  /// Bytes of XML that are looked at in one file.
  private static let most = 32 << 20

  /// - Throws: `noCRS` where a definition leads elsewhere; what reading the file throws.
  static func check(_ file: String, path: String) throws(RasterError) {
    let refusal: String?
    do throws(SystemError) { refusal = try Self.refusal(of: file) } catch {
      throw RasterError(error, "open the raster")
    }
    guard let refusal else { return }
    throw RasterError(
      .noCRS, "read the coordinate reference system", path: path, cause: "it is refused: \(refusal)")
  }

  /// Returns the reason why a definition in a file is refused; nil where none is.
  private static func refusal(of path: String) throws(SystemError) -> String? {
    let file = try RegularFile(path)
    for text in try TIFFTagText.keys(of: file, longest: CRSDefinition.longest) {
      guard let text else { return "the texts of its keys are too long, or outside of the file" }
      // GDAL takes no other text of a key for a definition; those may well speak of files.
      for mark in text.ranges(of: /(?i)ESRI PE String\s*=?/) {
        if let outside = CRSDefinition.outsideFile(in: String(text[mark.upperBound...])) {
          return CRSDefinition.refusal(naming: outside)
        }
      }
    }
    let text: String
    if try Dataset.looksLikeVRT(file) {
      text = String(decoding: try file.read(most, at: 0), as: UTF8.self)
    } else if let boxes = try xml(ofJPEG2000: file) {
      text = boxes
    } else {
      return nil
    }
    // A JPEG 2000 may hold the dictionary itself.
    return definitions(in: text).lazy.filter { !$0.hasPrefix("gmljp2://xml/") }
      .compactMap(CRSDefinition.refusal(of:)).first
  }

  /// Returns the texts that stand where a system is named.
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

  /// Returns the XML in the boxes of a JPEG 2000; nil where the file is none.
  private static func xml(ofJPEG2000 file: borrowing RegularFile) throws(SystemError) -> String? {
    let signature = Data([0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20])
    guard try file.read(8, at: 0) == signature else { return nil }
    var found = Data()
    try boxes(of: file, from: 0, to: file.size, depth: 0, into: &found)
    return String(decoding: found, as: UTF8.self)
  }

  private static func boxes(
    of file: borrowing RegularFile, from start: Int, to end: Int, depth: Int, into found: inout Data
  ) throws(SystemError) {
    var place = start
    while place + 8 <= end, found.count < most {
      let head = [UInt8](try file.read(16, at: place))
      guard head.count >= 8 else { return }
      func number(_ range: Range<Int>) -> Int {
        Int(clamping: head[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      }
      var (length, header) = (number(0..<4), 8)
      if length == 1, head.count == 16 { (length, header) = (number(8..<16), 16) }
      if length == 0 { length = end - place }
      guard length >= header, length <= end - place else { return }
      switch String(decoding: head[4..<8], as: UTF8.self) {
      case "asoc" where depth < 8:
        try boxes(of: file, from: place + header, to: place + length, depth: depth + 1, into: &found)
      case "xml ":
        found += try file.read(min(length - header, most), at: place + header)
      default: break
      }
      place += length
    }
  }
}
