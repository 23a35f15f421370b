import Scenes

/// A division of the calendar: each day lies in one part.
package enum CompositePeriod: Hashable, Sendable {
  /// Each day by itself.
  case day
  /// Months of the calendar.
  case month
  /// Years of the calendar.
  case year
  /// So many days each, counted anew from the first of January: the last part of a year may be shorter.
  case days(Int)

  /// Reads `day`, `month`, `year`, or a number of days as ISO 8601 writes it, `P16D`; nil for anything else.
  package init?(_ text: String) {
    switch text {
    case "day": self = .day
    case "month": self = .month
    case "year": self = .year
    default:
      guard text.hasPrefix("P"), text.hasSuffix("D"), let count = Int(text.dropFirst().dropLast()),
        (1...366).contains(count), text == "P\(count)D"
      else { return nil }
      self = .days(count)
    }
  }

  /// Returns the part in which a day lies.
  package func part(of day: Day) -> Part {
    let january = Day(year: day.year, month: 1, day: 1)!
    let nextYear = Day(year: day.year + 1, month: 1, day: 1)!
    switch self {
    case .day: return Part(first: day, last: day, name: "\(day)")
    case .month:
      let first = Day(year: day.year, month: day.month, day: 1)!
      let next = day.month == 12 ? nextYear : Day(year: day.year, month: day.month + 1, day: 1)!
      return Part(first: first, last: next.adding(-1), name: String("\(first)".dropLast(3)))
    case .year: return Part(first: january, last: nextYear.adding(-1), name: String("\(january)".dropLast(6)))
    case .days(let count):
      let first = january.adding((day.ofYear - 1) / count * count)
      return Part(
        first: first, last: min(first.adding(count - 1), nextYear.adding(-1)), name: "\(first)_P\(count)D")
    }
  }

  /// A part of the calendar.
  package struct Part: Hashable, Sendable {
    /// Its first and its last day.
    package let first, last: Day
    /// Its name, which begins with the year: `2023-06`.
    package let name: String

    /// The day in the middle; of two the earlier one.
    package var middle: Day { first.adding((last.since1970 - first.since1970) / 2) }
  }
}
