/// The time at which a scene was taken, found in its name, else in its metadata.
///
/// The one rule for pairs, series, splits by time and the items of products.
public struct Acquisition: Sendable, Hashable {
  /// The day that the scene shows.
  public let day: Day

  /// Finds the day of a scene whose name or metadata say it; nil where nothing does.
  ///
  /// - Parameters:
  ///   - name: the scene's name; a day in it wins.
  ///   - metadata: items of its file.
  public init?(name: String, metadata: [String: String] = [:]) {
    let said = Self.items.lazy.compactMap { metadata[$0] }.compactMap { Day(String($0.prefix(10))) }
    guard let day = Self.day(inName: name) ?? said.first else { return nil }
    self.day = day
  }

  /// Finds the day in the first of several names that holds one; nil where none does.
  init?(names: [String]) {
    guard let day = names.lazy.compactMap(Self.day(inName:)).first else { return nil }
    self.init(day: day)
  }

  /// Creates an acquisition of a day that is known.
  init(day: Day) { self.day = day }

  /// The forms that a day may have in a name, for messages.
  public static let forms = "2023-06-14, 20230614, 2023_06_14, or year and day of year as in A2023165"

  /// The items of metadata that say when a scene was taken, as products of Landsat and Sentinel and STAC have
  /// them. That of TIFF itself says when a file was written as often, and is left out.
  private static let items = [
    "ACQUISITION_DATE", "DATE_ACQUIRED", "SENSING_TIME", "DATATAKE_SENSING_START", "PRODUCT_START_TIME",
    "datetime",
  ]

  // MARK: - Names

  /// Returns the day in a name: the first of those that are surely one, as a product's own day comes before
  /// those of its processing; nil where there is none.
  private static func day(inName name: String) -> Day? {
    // Two old forms of names begin with the day of the processing.
    if let match = name.firstMatch(of: /_V((?:19|20)\d\d)(\d\d)(\d\d)T\d{6}/.asciiOnlyDigits()),
      let day = day(match.1, match.2, match.3)
    {
      return day
    }
    let aster = /AST_[A-Z0-9]+_\d{3}(\d\d)(\d\d)((?:19|20)\d\d)\d{6}/.asciiOnlyDigits()
    if let match = name.firstMatch(of: aster),
      let day = day(match.3, match.1, match.2)
    {
      return day
    }
    // LT51690601988227: sensor, path, row, year, day of the year.
    let landsat = /L[A-Z]\d\d{6}((?:19|20)\d\d)(\d\d\d)(?![0-9])/.asciiOnlyDigits()
    if let match = name.firstMatch(of: landsat), let day = day(match.1, ofYear: match.2) {
      return day
    }
    return calendarDay(in: name) ?? loneDayOfYear(in: name)
  }

  /// Returns the first day that is written with its month, or as a day of the year that is marked as one.
  private static func calendarDay(in name: String) -> Day? {
    // Behind eight digits may come the time, in digits.
    let compact =
      /(?:^|[^0-9])((?:19|20)\d\d)(\d\d)(\d\d)(?=(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,3})?(?![0-9])|[^0-9]|$)/
      .asciiOnlyDigits()
    let spaced = /(?:^|[^0-9])((?:19|20)\d\d)([-_. ])(\d\d)([-_. ])(\d\d)(?![0-9])/.asciiOnlyDigits()
    var found: [(place: String.Index, day: Day)] = []
    var doubtful: Day?
    for match in name.matches(of: compact) {
      guard let day = day(match.1, match.2, match.3) else { continue }
      switch numbering(name[..<match.1.startIndex]) {
      case nil: found.append((match.1.startIndex, day))
      case .apart: doubtful = doubtful ?? day
      case .joined: break
      }
    }
    for match in name.matches(of: spaced) where match.2 == match.4 {
      if let day = day(match.1, match.3, match.5) { found.append((match.1.startIndex, day)) }
    }
    if let marked = markedDayOfYear(in: name) { found.append(marked) }
    return found.min { $0.place < $1.place }?.day ?? doubtful
  }

  /// The meaning of a word before digits that make the digits the number of something.
  private enum Numbering {
    /// `orbit20230101`: they are no day.
    case joined
    /// `orbit_20230101`: they are one where the name has no other.
    case apart
  }

  /// Returns whether the word that a beginning of a name ends in makes what follows the number of something:
  /// an orbit, a path, a row, an entry; nil where it does not.
  private static func numbering(_ before: Substring) -> Numbering? {
    let isApart = before.last.map { "-_. ".contains($0) } ?? false
    let rest = isApart ? before.dropLast() : before
    let word = String(rest.reversed().prefix { $0.isLetter }.reversed()).lowercased()
    guard ["orbit", "orb", "relorb", "path", "row", "id", "o", "r"].contains(word) else { return nil }
    if isApart { return word.count >= 3 ? .apart : nil }
    return .joined
  }

  /// Year and day of the year behind MODIS's A or AppEEARS' doy, or before a time.
  private static func markedDayOfYear(in name: String) -> (place: String.Index, day: Day)? {
    let modis =
      /(?:(?:^|[._-])A|(?:^|[^0-9A-Za-z]))((?:19|20)\d\d)(\d\d\d)(?:T\d{4,6})?(?![0-9A-Za-z])/
      .asciiOnlyDigits()
    for match in name.matches(of: modis) {
      let isMarked = name[match.range].contains("A") || name[match.range].contains("T")
      guard isMarked, let day = day(match.1, ofYear: match.2) else { continue }
      return (match.1.startIndex, day)
    }
    let appears =
      /(?i)(?:^|[^0-9A-Za-z])doy((?:19|20)\d\d)(\d\d\d)(?:\d{4}|\d{6})?(?![0-9A-Za-z])/
      .asciiOnlyDigits()
    for match in name.matches(of: appears) {
      if let day = day(match.1, ofYear: match.2) { return (match.1.startIndex, day) }
    }
    return nil
  }

  /// Seven digits, or four and three, that stand alone: the last that is tried, as tiles and orbits are
  /// numbered so, too.
  private static func loneDayOfYear(in name: String) -> Day? {
    let lone = /(?:^|[^0-9A-Za-z])((?:19|20)\d\d)[-_]?(\d\d\d)(?![0-9A-Za-z])/.asciiOnlyDigits()
    return name.matches(of: lone).lazy.compactMap { day($0.1, ofYear: $0.2) }.first
  }

  private static func day(_ year: Substring, ofYear day: Substring) -> Day? {
    guard let year = Int(year), let day = Int(day) else { return nil }
    return Day(year: year, dayOfYear: day)
  }

  private static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> Day? {
    guard let year = Int(year), let month = Int(month), let day = Int(day) else { return nil }
    return Day(year: year, month: month, day: day)
  }
}
