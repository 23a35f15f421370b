/// A time as annotations write it, `2023-06-14T05:34:48.123456`, UTC, to the nanosecond.
package struct AnnotationTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since the beginning of the year 2000; leap seconds are not counted.
  private let nanoseconds: Int64

  /// - Returns: nil for any other text.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes.count <= 30 else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }
    let marks: [(Int, UInt8)] = [
      (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
      (16, UInt8(ascii: ":")),
    ]
    guard marks.allSatisfy({ bytes[$0.0] == $0.1 }), let year = number(0..<4), let month = number(5..<7),
      let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
      let second = number(17..<19), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 61
    else { return nil }
    var fraction = 0
    let end = bytes.last == UInt8(ascii: "Z") ? bytes.count - 1 : bytes.count
    if end > 19 {
      guard bytes[19] == UInt8(ascii: "."), end > 20, end <= 29, let digits = number(20..<end) else {
        return nil
      }
      fraction = digits
      for _ in (end - 20)..<9 { fraction *= 10 }
    }
    let seconds = (Self.days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    nanoseconds = Int64(seconds) * 1_000_000_000 + Int64(fraction)
  }

  /// Returns the days since the beginning of 2000 (Hinnant, days_from_civil).
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let ofEra = year % 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return year / 400 * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 730_425
  }

  /// Returns the seconds from another time to this one.
  package func seconds(since other: AnnotationTime) -> Double {
    Double(nanoseconds - other.nanoseconds) / 1e9
  }

  package static func < (one: AnnotationTime, other: AnnotationTime) -> Bool {
    one.nanoseconds < other.nanoseconds
  }
}
