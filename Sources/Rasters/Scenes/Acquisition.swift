import Foundation
import Host

/// When a scene was taken: by its name, else by its metadata.
///
/// The one rule for pairs, series, splits by time and the items of products.
public struct Acquisition: Sendable, Hashable {
  /// The day that the scene shows.
  public let day: Day

  /// The day of a scene whose name or metadata say it; nil where nothing does.
  ///
  /// - Parameters:
  ///   - name: the scene's name; a day in it wins.
  ///   - metadata: items of its file.
  public init?(name: String, metadata: [String: String] = [:]) {
    let said = Self.items.lazy.compactMap { metadata[$0] }.compactMap { Day(String($0.prefix(10))) }
    guard let day = Self.day(inName: name) ?? said.first else { return nil }
    self.day = day
  }

  /// The day of a scene on disk: by its name, its path's last part, the items of its first file, or the
  /// metadata file of the product that its directory is; nil where nothing says it.
  ///
  /// - Parameter metadata: items of its first file; read from it where nil and needed.
  public init?(of source: SceneSource, metadata: [String: String]? = nil) {
    let names = [source.name, URL(fileURLWithPath: source.path).lastPathComponent]
    if let day = names.lazy.compactMap(Self.day(inName:)).first {
      self.day = day
      return
    }
    let items = metadata ?? source.files.first.flatMap { try? RasterFile(path: $0) }?.metadata ?? [:]
    if let found = Acquisition(name: "", metadata: items) {
      self = found
      return
    }
    guard source.isDirectory, let day = Self.day(inDirectory: source.path) else { return nil }
    self.day = day
  }

  /// The forms that a day may have in a name, for messages.
  public static let forms = "2023-06-14, 20230614, 2023_06_14, or year and day of year as in A2023165"

  /// The items of metadata that say when a scene was taken, as products of Landsat and Sentinel and STAC have
  /// them. That of TIFF itself says when a file was written as often, and is left out.
  private static let items = [
    "ACQUISITION_DATE", "DATE_ACQUIRED", "SENSING_TIME", "DATATAKE_SENSING_START", "PRODUCT_START_TIME",
    "datetime",
  ]

  // MARK: - Names

  /// The day in a name: the first of those that are surely one, as a product's own day comes before those of
  /// its processing; nil where there is none.
  private static func day(inName name: String) -> Day? {
    // Two old forms of names begin with the day of the processing.
    if let match = name.firstMatch(of: /_V((?:19|20)\d\d)(\d\d)(\d\d)T\d{6}/),
      let day = day(match.1, match.2, match.3)
    {
      return day
    }
    if let match = name.firstMatch(of: /AST_[A-Z0-9]+_\d{3}(\d\d)(\d\d)((?:19|20)\d\d)\d{6}/),
      let day = day(match.3, match.1, match.2)
    {
      return day
    }
    // LT51690601988227: sensor, path, row, year, day of the year.
    if let match = name.firstMatch(of: /L[A-Z]\d\d{6}((?:19|20)\d\d)(\d\d\d)(?![0-9])/),
      let day = Day(year: Int(match.1)!, dayOfYear: Int(match.2)!)
    {
      return day
    }
    return calendarDay(in: name) ?? loneDayOfYear(in: name)
  }

  /// The first day that is written with its month, or as a day of the year that is marked as one.
  private static func calendarDay(in name: String) -> Day? {
    // Behind eight digits may come the time, in digits.
    let compact =
      /(?:^|[^0-9])((?:19|20)\d\d)(\d\d)(\d\d)(?=(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,3})?(?![0-9])|[^0-9]|$)/
    let spaced = /(?:^|[^0-9])((?:19|20)\d\d)([-_. ])(\d\d)([-_. ])(\d\d)(?![0-9])/
    var found: [(place: String.Index, day: Day)] = []
    for match in name.matches(of: compact) where !isNumbered(name, match) {
      if let day = day(match.1, match.2, match.3) { found.append((match.1.startIndex, day)) }
    }
    for match in name.matches(of: spaced) where match.2 == match.4 {
      if let day = day(match.1, match.3, match.5) { found.append((match.1.startIndex, day)) }
    }
    if let marked = markedDayOfYear(in: name) { found.append(marked) }
    return found.min { $0.place < $1.place }?.day
  }

  /// Whether digits are the number of something: an orbit, a path, a row, an entry.
  private static func isNumbered<Output>(_ name: String, _ match: Regex<Output>.Match) -> Bool {
    let digits =
      name[match.range].first?.isNumber == true
      ? match.range.lowerBound : name.index(after: match.range.lowerBound)
    let before = name[..<digits]
    let word = String(before.reversed().prefix { $0.isLetter }.reversed()).lowercased()
    return ["orbit", "orb", "relorb", "path", "row", "id", "o", "r"].contains(word)
  }

  /// Year and day of the year behind MODIS's A or AppEEARS' doy, or before a time.
  private static func markedDayOfYear(in name: String) -> (place: String.Index, day: Day)? {
    for match in name.matches(
      of: /(?:(?:^|[._-])A|(?:^|[^0-9A-Za-z]))((?:19|20)\d\d)(\d\d\d)(?:T\d{4,6})?(?![0-9A-Za-z])/)
    {
      let isMarked = name[match.range].contains("A") || name[match.range].contains("T")
      guard isMarked, let day = Day(year: Int(match.1)!, dayOfYear: Int(match.2)!) else { continue }
      return (match.1.startIndex, day)
    }
    for match in name.matches(
      of: /(?i)(?:^|[^0-9A-Za-z])doy((?:19|20)\d\d)(\d\d\d)(?:\d{4}|\d{6})?(?![0-9A-Za-z])/)
    {
      if let day = Day(year: Int(match.1)!, dayOfYear: Int(match.2)!) { return (match.1.startIndex, day) }
    }
    return nil
  }

  /// Seven digits, or four and three, that stand alone: the last that is tried, as tiles and orbits are
  /// numbered so, too.
  private static func loneDayOfYear(in name: String) -> Day? {
    for match in name.matches(of: /(?:^|[^0-9A-Za-z])((?:19|20)\d\d)[-_]?(\d\d\d)(?![0-9A-Za-z])/) {
      if let day = Day(year: Int(match.1)!, dayOfYear: Int(match.2)!) { return day }
    }
    return nil
  }

  private static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> Day? {
    guard let year = Int(year), let month = Int(month), let day = Int(day) else { return nil }
    return Day(year: year, month: month, day: day)
  }

  // MARK: - Product directories

  /// The day in the metadata file of a Landsat or Sentinel-2 product.
  private static func day(inDirectory directory: String) -> Day? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory))?.sorted() ?? []
    let landsat = names.first { $0.hasSuffix("_MTL.txt") || $0 == "MTL.txt" }.map { directory + "/" + $0 }
    if let landsat, let text = head(of: landsat),
      let match = text.firstMatch(of: /DATE_ACQUIRED\s*=\s*"?(\d{4}-\d\d-\d\d)/)
    {
      return Day(String(match.1))
    }
    if let sentinel = SceneRadiometry.productMetadata(in: directory), let text = head(of: sentinel),
      let match = text.firstMatch(of: /<(?:PRODUCT_START_TIME|DATATAKE_SENSING_START)>\s*(\d{4}-\d\d-\d\d)/)
    {
      return Day(String(match.1))
    }
    return nil
  }

  private static func head(of path: String) -> String? {
    (try? RegularFile.contents(of: path, limit: 8 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }
}
