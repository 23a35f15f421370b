import Foundation

/// The spelling of moments in runs and logs: UTC, whatever the machine's zone and locale.
package enum Timestamp {
  /// `20260704T021500Z`: sorts by time, fits a file name.
  static func compact(_ date: Date) -> String {
    let part = parts(of: date)
    return pad(part.year, 4) + pad(part.month) + pad(part.day) + "T" + pad(part.hour) + pad(part.minute)
      + pad(part.second) + "Z"
  }

  /// `2026-07-04T02:15:00Z`.
  package static func iso(_ date: Date) -> String {
    let part = parts(of: date)
    let day = "\(pad(part.year, 4))-\(pad(part.month))-\(pad(part.day))"
    return "\(day)T\(pad(part.hour)):\(pad(part.minute)):\(pad(part.second))Z"
  }

  /// `2026-07-04 04:15`, by the clock of this machine's zone, for people.
  package static func local(_ date: Date) -> String {
    var seconds = seconds(of: date)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let day = "\(pad(Int(parts.tm_year) + 1900, 4))-\(pad(Int(parts.tm_mon) + 1))-\(pad(Int(parts.tm_mday)))"
    return "\(day) \(pad(Int(parts.tm_hour))):\(pad(Int(parts.tm_min)))"
  }

  /// Returns the moment that a text of this spelling names; nil where it is none.
  package static func date(_ text: String) -> Date? {
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int32($0) }
    guard numbers.count == 6, text.utf8.count == 20, text.hasSuffix("Z") else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    let date = Date(timeIntervalSince1970: Double(timegm(&parts)))
    return iso(date) == text ? date : nil
  }

  private static func parts(
    of date: Date
  ) -> (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    var seconds = seconds(of: date)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return (
      Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour),
      Int(parts.tm_min), Int(parts.tm_sec)
    )
  }

  /// Returns whole seconds since 1970, of a date from the year 1 to 9999: a number of a damaged record may be
  /// any.
  private static func seconds(of date: Date) -> time_t {
    let seconds = date.timeIntervalSince1970.rounded(.down)
    return seconds.isNaN ? 0 : time_t(min(max(seconds, -62_135_596_800), 253_402_300_799))
  }

  private static func pad(_ value: Int, _ width: Int = 2) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A length of time for people.
package enum Elapsed {
  /// The longest time that is told, some 30 years: a number of a damaged record may be any.
  private static let longest = 1e9

  /// `0.4 s`, `38 s`, `4 min 05 s`, `2 h 10 min`; `?` for what is no number.
  package static func text(_ seconds: Double) -> String {
    guard !seconds.isNaN else { return "?" }
    if seconds < 9.95 { return "\((seconds * 10).rounded() / 10) s" }
    let whole = Int(min(seconds, longest).rounded())
    if whole < 60 { return "\(whole) s" }
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
  }
}
