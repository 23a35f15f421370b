import Foundation

/// Numbers as pages show them, the same in every locale.
package enum ShownNumber {
  /// Returns a number with so many decimals and thin spaces between thousands.
  package static func decimal(_ value: Double, _ decimals: Int = 0) -> String {
    guard value.isFinite else { return "\u{2013}" }
    let text = String(format: "%.\(decimals)f", abs(value))
    let parts = text.split(separator: ".")
    var whole = ""
    for (index, digit) in parts[0].reversed().enumerated() {
      if index > 0, index % 3 == 0 { whole = "\u{202F}" + whole }
      whole = String(digit) + whole
    }
    let shown = parts.count > 1 ? "\(whole).\(parts[1])" : whole
    return value < 0 && Double(text) != 0 ? "\u{2212}\(shown)" : shown
  }

  /// Returns a number with the decimals that its size leaves room for.
  package static func measure(_ value: Double) -> String {
    decimal(value, abs(value) >= 1000 ? 0 : abs(value) >= 10 ? 1 : 2)
  }

  /// Returns a number that may be a count: without decimals where it is whole.
  package static func figure(_ value: Double) -> String {
    value == value.rounded() ? decimal(value) : measure(value)
  }

  /// Returns a share of 1 in percent.
  package static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    share > 0 && share < 0.0005 && decimals < 2 ? "< 0.1 %" : "\(decimal(100 * share, decimals)) %"
  }

  /// Returns a score, 0 to 1.
  package static func score(_ value: Double) -> String { decimal(value, 3) }

  /// Returns a size: `1.4 GiB`.
  package static func bytes(_ count: Double) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)].map { ($0, Double(1 << $1)) }
    for (unit, size) in units where count >= size {
      let value = count / size
      return "\(decimal(value, value < 10 ? 1 : 0)) \(unit)"
    }
    return "\(decimal(count)) bytes"
  }

  /// Returns a length of time: `0.4 s`, `4 min 05 s`, `2 h 10 min`.
  package static func duration(_ seconds: Double) -> String {
    if seconds < 9.95 { return "\(decimal(seconds, 1)) s" }
    let whole = Int(min(seconds, 1e9).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
  }

  /// Returns a moment: `2026-07-04 02:15 UTC`.
  package static func moment(_ date: Date) -> String {
    let text = date.formatted(.iso8601)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
  }

  /// Returns `1 scene`, `2 scenes`.
  package static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(decimal(Double(number))) \(number == 1 ? one : many ?? one + "s")"
  }
}
