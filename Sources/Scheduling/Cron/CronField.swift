/// One field of a cron expression: the numbers at which it holds.
public struct CronField: Sendable, Hashable {
  /// The five fields.
  public enum Kind: Int, Sendable, CaseIterable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    /// The field in words.
    var words: String { ["minute", "hour", "day of the month", "month", "day of the week"][rawValue] }

    /// The numbers that it may have; of days of the week 7 is Sunday as 0 is.
    var range: ClosedRange<Int> { [0...59, 0...23, 1...31, 1...12, 0...7][rawValue] }

    /// Names for numbers, in lower case.
    var names: [String: Int] {
      switch self {
      case .month:
        Dictionary(
          uniqueKeysWithValues: [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
          ]
          .enumerated().map { ($1, $0 + 1) })
      case .dayOfWeek:
        Dictionary(
          uniqueKeysWithValues: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"].enumerated().map {
            ($1, $0)
          })
      default: [:]
      }
    }
  }

  /// The field that it is.
  public let kind: Kind
  /// The numbers, ascending; Sunday is 0.
  public let values: [Int]
  /// Whether it begins with `*`: cron then takes the other of the two fields of days alone.
  public let isOpen: Bool
  /// The field as cron reads it, names turned into numbers.
  public let text: String

  /// Whether it holds at every number.
  public var isAny: Bool { values.count == (kind == .dayOfWeek ? 7 : kind.range.count) }

  /// Reads a field: `*`, `5`, `mon-fri`, `*/15`, `8-18/2`, or several of these with commas between.
  ///
  /// - Throws: `ScheduleFailure.badField`.
  init(_ text: String, _ kind: Kind) throws(ScheduleFailure) {
    self.kind = kind
    isOpen = text.hasPrefix("*")
    var values = Set<Int>()
    var parts: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let (found, plain) = try Self.part(part, kind, of: text)
      values.formUnion(found)
      parts.append(plain)
    }
    if kind == .dayOfWeek, values.remove(7) != nil { values.insert(0) }
    (self.values, self.text) = (values.sorted(), parts.joined(separator: ","))
  }

  private static func part(
    _ part: String, _ kind: Kind, of text: String
  ) throws(ScheduleFailure) -> (values: [Int], text: String) {
    func wrong(_ reason: String) -> ScheduleFailure { .badField(kind.words, text: text, reason: reason) }
    let halves = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard halves.count <= 2 else { throw wrong("'\(part)' has two steps") }
    var step = 1
    if halves.count == 2 {
      guard let number = number(halves[1]), number > 0 else {
        throw wrong("a step is a whole number above 0")
      }
      guard number <= kind.range.upperBound else {
        throw wrong("a step of \(number) leads beyond \(kind.range.upperBound)")
      }
      step = number
    }
    let stepText = halves.count == 2 ? "/\(step)" : ""
    if halves[0] == "*" {
      // 7 is the Sunday that is there as 0.
      let last = kind == .dayOfWeek ? 6 : kind.range.upperBound
      return (Array(stride(from: kind.range.lowerBound, through: last, by: step)), "*" + stepText)
    }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard ends.count <= 2 else {
      throw wrong("'\(part)' is no range such as \(kind.range.lowerBound)-\(kind.range.upperBound)")
    }
    var numbers: [Int] = []
    for end in ends {
      guard let number = number(end) ?? kind.names[end.lowercased()] else {
        throw wrong(
          end.isEmpty
            ? "a number is missing"
            : "'\(end)' is no number"
              + (kind.names.isEmpty
                ? "" : ", and no name such as \(kind.names.min { $0.value < $1.value }!.key)"))
      }
      guard kind.range.contains(number) else {
        throw wrong("\(number) is not within \(kind.range.lowerBound) and \(kind.range.upperBound)")
      }
      numbers.append(number)
    }
    guard ends.count == 2 else {
      guard halves.count == 1 else {
        throw wrong("a step needs a range: \(numbers[0])-\(kind.range.upperBound)/\(step)")
      }
      return (numbers, "\(numbers[0])")
    }
    guard numbers[0] <= numbers[1] else { throw wrong("the range '\(halves[0])' runs backwards") }
    return (
      Array(stride(from: numbers[0], through: numbers[1], by: step)), "\(numbers[0])-\(numbers[1])\(stepText)"
    )
  }

  /// Returns a number of one to three digits; nil for any other text.
  private static func number(_ text: String) -> Int? {
    (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }
}
