import CGDAL
import Foundation

/// The text of a coordinate reference system that a file holds, looked at before PROJ or GDAL sees it.
///
/// Both read such a text as much else: an address to fetch, a file with a definition, a pipeline of steps, a
/// grid of shifts by its path. PROJ opens such files while it reads the text already.
enum CRSDefinition {
  /// Why a text is refused; nil where it says what the system is by itself.
  static func refusal(of text: String) -> String? {
    let definition = text.trimmed
    if definition.isEmpty || knownNames.contains(definition.lowercased()) { return nil }
    if let outside = outsideFile(in: definition) { return "it names the file '\(outside.prefix(80))'" }
    if definition.hasPrefix("+") || definition.hasPrefix("proj=") {
      let isOperation = definition.contains(
        /proj\s*=\s*(pipeline|[hvx][a-z]*gridshift|deformation|defmodel|tinshift)/)
      return isOperation ? "it is an operation, not a system" : nil
    }
    // Well-known text, or PROJ's form of it in JSON.
    if definition.contains(/^[A-Za-z][A-Za-z0-9_]*\s*[\[(]/) || definition.hasPrefix("{") { return nil }
    if definition.contains(authority) || definition.contains(officialAddress) { return nil }
    return "'\(definition.prefix(80))' is no definition by itself"
  }

  /// The first file that a definition refers to and that PROJ would look for elsewhere than among its own
  /// data; nil where there is none.
  static func outsideFile(in text: String) -> String? {
    for match in text.matches(of: reference) {
      let isInitialisation = match.1.lowercased() == "init"
      for name in match.2.split(separator: ",") {
        let plain = name.drop { $0 == "@" }
        if isInitialisation ? !plain.contains(/^(epsg|EPSG|IGNF|ESRI):[A-Za-z0-9.]+$/) : !isOwnData(plain) {
          return String(plain)
        }
      }
    }
    for match in text.matches(of: parameterFile) where !isOwnData(match.1) { return String(match.1) }
    return nil
  }

  /// Whether a name is that of a grid as PROJ's own data have them: without any directory.
  private static func isOwnData(_ name: Substring) -> Bool {
    name.contains(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/) && !name.contains("..")
      && (name == "null"
        || ["gsb", "gtx", "gvb", "tif", "tiff", "ct2", "lla", "json", "dat"].contains {
          name.lowercased().hasSuffix("." + $0)
        })
  }

  private static let knownNames: Set<String> = [
    "undefined", "wgs84", "wgs72", "nad27", "nad83", "crs84", "crs83", "crs27", "local_cs", "unknown",
  ]
  /// An authority's code. What comes behind the colon holds no path.
  nonisolated(unsafe) private static let authority =
    /^(?i:EPSG|EPSGA|ESRI|OGC|IGNF|IAU[_0-9]*|NKG|urn:(x-)?ogc:def:(crs|coordinateReferenceSystem)(,crs)?)[:+,][A-Za-z0-9_.:,+ -]*$/
  /// The names that the OGC gives systems, which look like addresses; GDAL reads them as names.
  nonisolated(unsafe) private static let officialAddress =
    /^https?:\/\/(www\.)?opengis\.net\/(def\/crs(-compound)?[\/?]|gml\/srs\/epsg\.xml#)[A-Za-z0-9_.:\/?&=%-]*$/
  /// A parameter of PROJ that names a file, or a list of them.
  nonisolated(unsafe) private static let reference =
    /(?i)(init|[a-z_]*grids|file|catalog|xy_src|z_src|model|tables?|datadir)\s*=\s*"?'?([^\s"'\]]+)/
  /// The file of a parameter in well-known text.
  nonisolated(unsafe) private static let parameterFile =
    /(?i)PARAMETERFILE\s*[\[(]\s*"[^"]*"\s*,\s*"([^"]*)"/
}
