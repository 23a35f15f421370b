/// A day of the calendar.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The year, and the numbers of the month in it and of the day in that, from 1.
  package let year, month, day: Int

  /// Reads a day from ISO 8601 text, `2021-06-14`; nil for anything else, such as the 30th of February.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
    else { return nil }
    let numbers = parts.map { Int($0)! }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
  }

  /// Creates a day by its number in the year, from 1; nil where the year has no such day.
  package init?(year: Int, dayOfYear: Int) {
    guard (1...366).contains(dayOfYear) else { return nil }
    var rest = dayOfYear
    for month in 1...12 {
      let length = Self.lengths(year)[month - 1]
      if rest <= length {
        (self.year, self.month, day) = (year, month, rest)
        return
      }
      rest -= length
    }
    return nil
  }

  /// Creates a day by its numbers; nil where the calendar has none.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), (1...Self.lengths(year)[month - 1]).contains(day) else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The number of the day in its year, from 1.
  package var ofYear: Int { Self.lengths(year).prefix(month - 1).reduce(day, +) }

  /// Days from the first of January 1970 on.
  package var since1970: Int {
    // Years begin in March here, so that the day that is added to some is their last.
    let marchYear = month > 2 ? year : year - 1
    let sinceMarch = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return 365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + sinceMarch - 719_468
  }

  /// Returns the day so many days later; earlier where the number is below 0. Days before the year 1 are that of
  /// its beginning.
  package func adding(_ days: Int) -> Day {
    var (year, rest) = (year, ofYear + days)
    while rest < 1, year > 1 {
      year -= 1
      rest += Self.lengths(year).reduce(0, +)
    }
    while rest > Self.lengths(year).reduce(0, +) {
      rest -= Self.lengths(year).reduce(0, +)
      year += 1
    }
    return Day(year: year, dayOfYear: max(1, rest))!
  }

  private static func lengths(_ year: Int) -> [Int] {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  }

  /// Returns whether one day is before another.
  public static func < (left: Day, right: Day) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// `2021-06-14`.
  public var description: String {
    func padded(_ number: Int, to width: Int) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: width - digits.count) + digits
    }
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
  }
}
