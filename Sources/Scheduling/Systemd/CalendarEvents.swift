/// The calendar events of systemd that stand for a cron expression: one, or two where cron joins days of the
/// month and of the week by "or", which one event cannot say and two of a timer do.
///
/// - Source: systemd.time(7).
public struct CalendarEvents: Sendable, Hashable {
  /// The texts behind `OnCalendar=`.
  public let texts: [String]

  /// Translates an expression.
  public init(_ time: CronExpression) {
    let clock = "\(Self.list(time.hour)):\(Self.list(time.minute)):00"
    func event(days: CronField?, weekdays: CronField?) -> String {
      let date = "*-\(Self.list(time.month))-\(days.map(Self.list) ?? "*")"
      let week = weekdays.flatMap { $0.isAny ? nil : Self.weekdays($0) }
      return ([week, date, clock].compactMap(\.self)).joined(separator: " ")
    }
    texts =
      time.joinsDaysByOr
      ? [event(days: time.dayOfMonth, weekdays: nil), event(days: nil, weekdays: time.dayOfWeek)]
      : [event(days: time.dayOfMonth, weekdays: time.dayOfWeek)]
  }

  /// Returns the numbers of a field with two digits, those in a row as a range.
  private static func list(_ field: CronField) -> String {
    if field.isAny { return "*" }
    return runs(field.values).map { run in
      run.count > 2 ? "\(two(run.lowerBound))..\(two(run.upperBound))" : run.map(two).joined(separator: ",")
    }.joined(separator: ",")
  }

  private static func weekdays(_ field: CronField) -> String {
    // systemd's week begins on Monday.
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let days = field.values.map { ($0 + 6) % 7 }.sorted()
    return runs(days).map { run in
      run.count > 2
        ? "\(names[run.lowerBound])..\(names[run.upperBound])" : run.map { names[$0] }.joined(separator: ",")
    }.joined(separator: ",")
  }

  /// Returns ascending numbers as ranges of those that follow each other.
  private static func runs(_ values: [Int]) -> [ClosedRange<Int>] {
    values.reduce(into: []) { runs, value in
      if let last = runs.last, last.upperBound + 1 == value {
        runs[runs.count - 1] = last.lowerBound...value
      } else {
        runs.append(value...value)
      }
    }
  }

  private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
