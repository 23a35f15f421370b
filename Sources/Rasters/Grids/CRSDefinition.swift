import CGDAL
import Foundation

/// The text of a coordinate reference system that a file holds, looked at before PROJ or GDAL sees it.
///
/// Both read such a text as much else: an address to fetch, a file with a definition, a pipeline of steps, a
/// grid of shifts by its path. PROJ opens such files while it reads the text already.
enum CRSDefinition {
  /// Bytes that a definition may take. Those of the EPSG take some thousands.
  package static let longest = 1 << 16

  /// Returns the reason why a text is refused; nil where it says what the system is by itself.
  package static func refusal(of text: String) -> String? {
    let definition = text.trimmed
    guard definition.utf8.count <= longest else { return "it is longer than \(longest) bytes" }
    if definition.isEmpty || knownNames.contains(definition.lowercased()) { return nil }
    if let outside = outsideFile(in: definition) { return refusal(naming: outside) }
    if definition.hasPrefix("+") || definition.hasPrefix("proj=") {
      let isOperation = definition.contains(
        /proj\s*=\s*(pipeline|[hvx][a-z]*gridshift|deformation|defmodel|tinshift)/)
      return isOperation ? "it is an operation, not a system" : nil
    }
    // Well-known text, or PROJ's form of it in JSON.
    if definition.contains(wellKnownText) || definition.hasPrefix("{") { return nil }
    if definition.contains(authority) || definition.contains(officialAddress) { return nil }
    return "'\(definition.prefix(80))' is no definition by itself"
  }

  /// Returns the reason why a definition is refused that names an outside file.
  package static func refusal(naming file: String) -> String { "it names the file '\(file.prefix(80))'" }

  /// Returns the first file that a definition refers to and that PROJ would look for elsewhere than among its
  /// own data; nil where there is none.
  ///
  /// PROJ compares bytes: what is not ASCII is replaced first, as it could join a mark to another character.
  static func outsideFile(in text: String) -> String? {
    let scalars = text.unicodeScalars.map {
      $0.isASCII || "\u{201C}\u{201D}".unicodeScalars.contains($0) ? $0 : "?"
    }
    let text = String(String.UnicodeScalarView(scalars)).trimmed
    // In well-known text and in JSON a quote ends the value, in a text of PROJ it is a character.
    let isQuoted = text.contains(wellKnownText) || text.hasPrefix("{")
    for match in text.matches(of: isQuoted ? quotedReference : reference) {
      let isInitialisation = match.1.lowercased() == "init"
      for name in match.2.split(separator: ",") {
        let plain = name.trimmingCharacters(in: quotes).drop { $0 == "@" }
        if plain.isEmpty { continue }
        if isInitialisation ? !plain.contains(/^(epsg|EPSG|IGNF|ESRI):[A-Za-z0-9.]+$/) : !isOwnData(plain) {
          return String(plain)
        }
      }
    }
    for match in text.matches(of: parameterFile) {
      // An EXTENSION of other names is no list of grids.
      if match.1.lowercased() == "extension", !match.2.lowercased().contains("proj4_grids") { continue }
      if let outside = outsideFile(inList: match.3) { return outside }
    }
    return text.hasPrefix("{") ? outsideFile(inJSON: text) : nil
  }

  /// Returns the first outside file of a list as `nadgrids` has them: with commas between, "@" before those
  /// that may be absent.
  private static func outsideFile(inList list: Substring) -> String? {
    let names = list.trimmingCharacters(in: quotes).split(separator: ",").map { $0.drop { $0 == "@" } }
    return names.first { !$0.isEmpty && !isOwnData($0) }.map(String.init)
  }

  /// Returns the first outside file among the values that are texts in PROJ's form of JSON: such a value is a
  /// file.
  ///
  /// The text itself is looked through, because a member that is there twice would hide in what is parsed.
  private static func outsideFile(inJSON text: String) -> String? {
    let isParsed = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
    guard isParsed, !text.contains(/\\u00[0-7]/) else { return text }
    return text.matches(of: /"value"\s*:\s*"((?:[^"\\]|\\.)*)"/).lazy.compactMap { outsideFile(inList: $0.1) }
      .first
  }

  /// Returns whether a name is one that PROJ looks for among its own data: without any directory, and not in
  /// the working directory, where PROJ looks as well.
  private static func isOwnData(_ name: Substring) -> Bool {
    name == "null"
      || name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.-]*/) != nil && access(String(name), F_OK) != 0
  }

  private static let knownNames: Set<String> = [
    "undefined", "wgs84", "wgs 84", "wgs72", "nad27", "nad83", "crs84", "crs83", "crs27", "local_cs",
    "unknown",
  ]
  /// An authority's code. What comes behind the colon holds no path.
  nonisolated(unsafe) private static let authority =
    /^(?i:EPSG|EPSGA|ESRI|OGC|CRS|IGNF|IAU[_0-9]*|NKG|urn:(x-)?ogc:def:(crs|coordinateReferenceSystem)(,crs)?)[:+,][A-Za-z0-9_.:,+ -]*$/
  /// The names that the OGC gives systems, which look like addresses; GDAL reads them as names.
  nonisolated(unsafe) private static let officialAddress =
    /^https?:\/\/(www\.)?opengis\.net\/(def\/crs(-compound)?[\/?]|gml\/srs\/epsg\.xml#)[A-Za-z0-9_.:\/?&=%-]*$/
  /// The beginning of well-known text.
  nonisolated(unsafe) private static let wellKnownText = /^[A-Za-z][A-Za-z0-9_]*\s*[\[(]/
  /// A parameter of PROJ that names a file, or a list of them. PROJ takes spaces beside a comma out, and a
  /// value in quotes with its spaces.
  nonisolated(unsafe) private static let reference =
    /(?i)(init|[a-z_]*grids|file|catalog|xy_src|z_src|model|tables?|datadir)\s*=\s*(["'][^"]*(?:\s*,\s*|\S)*|(?:\s*,\s*|\S)+)/
  /// Such a parameter within a text in quotes, where two of them, or one behind a backslash, are one.
  nonisolated(unsafe) private static let quotedReference =
    /(?i)(init|[a-z_]*grids|file|catalog|xy_src|z_src|model|tables?|datadir)\s*=["'\s]*((?:\s*,\s*|""|\\"|[^\s"])+)/
  /// Characters that may surround a value of well-known text.
  private static let quotes = CharacterSet.whitespacesAndNewlines.union(
    .init(charactersIn: "\"'\u{201C}\u{201D}"))
  /// The name and the file of a parameter in well-known text, or those of an extension; PROJ takes values
  /// with printed quotes, and without quotes, too.
  nonisolated(unsafe) private static let parameterFile =
    /(?i)(PARAMETERFILE|EXTENSION)\s*[\[(]((?:"[^"]*"|\u{201C}[^\u{201D}]*\u{201D}|[^",\[\]()\u{201C}])*),((?:"[^"]*"|\u{201C}[^\u{201D}]*\u{201D}|[^",\[\]()\u{201C}])*)/
}
