import Foundation

/// The name of a file of PlanetScope: `20230614_101559_12_2427_3B_AnalyticMS_SR_8b_harmonized_clip.tif`.
struct PlanetScopeName: Hashable {
  /// The words that all files of the picture begin with, `20230614_101559_12_2427`.
  let item: String
  /// The day that it shows.
  let day: Day
  /// The time that it was taken at, UTC, as `2023-06-14T10:15:59Z`.
  let time: String
  /// The satellite's number, `2427`.
  let satellite: String
  /// What the file holds.
  let content: ProductName.PlanetScopeContent
  /// Whether it was cut to the area of an order.
  let isClipped: Bool

  /// Reads a name; nil where it is none.
  init?(_ name: String) {
    // Expressions are made for each name: most names are told apart without.
    guard name.utf8.prefix(8).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      name.utf8.dropFirst(8).first == UInt8(ascii: "_"),
      let match = name.wholeMatch(
        of:
          /((\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?:_\d{1,3})?_([0-9a-f]{3,4}))_(?:3B_)?([A-Za-z0-9_]+)\.(\w+)/
          .asciiOnlyDigits()),
      let year = Int(match.2), let month = Int(match.3), let number = Int(match.4),
      let day = Day(year: year, month: month, day: number)
    else { return nil }
    let kind = match.9
    let isImage = ["tif", "tiff"].contains(match.10.lowercased())
    if kind.contains("metadata") || kind.contains("udm") {
      content = .accessory
    } else if isImage, kind.hasPrefix("AnalyticMS_SR") {
      content = .surfaceReflectance(isEightBands: kind.split(separator: "_").contains("8b"))
    } else if isImage, kind.hasPrefix("AnalyticMS") {
      content = .radiance
    } else if isImage, kind.hasPrefix("Visual") {
      content = .visual
    } else {
      return nil
    }
    (item, self.day, satellite) = (String(match.1), day, String(match.8))
    time = "\(day)T\(match.5):\(match.6):\(match.7)Z"
    isClipped = kind.split(separator: "_").contains("clip")
  }
}
