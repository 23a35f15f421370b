/// A day of the calendar, of which only the order counts.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let year, month, day: Int

  /// Reads a day from ISO 8601 text, `2021-06-14`; nil for anything else, such as the 30th of February.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
    else { return nil }
    let numbers = parts.map { Int($0)! }
    (year, month, day) = (numbers[0], numbers[1], numbers[2])
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
  }

  /// The first day that a scene's name holds, as `2021-06-14` or `20210614` between other characters; nil where there is none.
  public init?(inName name: String) {
    let digits = name.split { !($0.isASCII && ($0.isNumber || $0 == "-")) }
    for part in digits {
      let compact = part.filter { $0 != "-" }
      let candidates = [
        String(part.prefix(10)), compact.count == 8 && part == compact ? Self.dashed(compact) : "",
      ]
      if let day = candidates.lazy.compactMap({ Day($0) }).first {
        self = day
        return
      }
    }
    return nil
  }

  private static func dashed(_ text: String) -> String {
    "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))"
  }

  /// Whether one day is before another.
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
