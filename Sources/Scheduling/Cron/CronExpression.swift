/// A time that comes again, as cron writes it: `0 2 * * *`.
///
/// - Source: crontab(5) of Debian's cron. Where both fields of days are restricted, it holds on the days of
///   either.
public struct CronExpression: Sendable, Hashable {
  /// The fields in their order.
  public let minute, hour, dayOfMonth, month, dayOfWeek: CronField

  /// The words that stand for an expression.
  private static let words = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
  ]

  /// Reads an expression.
  ///
  /// - Throws: `ScheduleFailure`: strictly, what some cron takes and another refuses as well.
  public init(_ text: String) throws(ScheduleFailure) {
    if text.hasPrefix("@"), Self.words[text.lowercased()] == nil {
      throw .noTime(
        text,
        reason: text.lowercased() == "@reboot"
          ? "is no time of the calendar"
          : "is unknown; the words are \(Self.words.keys.sorted().joined(separator: ", "))")
    }
    let fields = (Self.words[text.lowercased()] ?? text).split { $0 == " " || $0 == "\t" }.map(String.init)
    guard fields.count == 5 else { throw .fields(text, count: fields.count) }
    minute = try CronField(fields[0], .minute)
    hour = try CronField(fields[1], .hour)
    dayOfMonth = try CronField(fields[2], .dayOfMonth)
    month = try CronField(fields[3], .month)
    dayOfWeek = try CronField(fields[4], .dayOfWeek)
    let longest = month.values.map { [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][$0 - 1] }.max()!
    if dayOfMonth.values[0] > longest, dayOfWeek.isOpen || !joinsDaysByOr { throw .never(text) }
  }

  /// Whether it holds on the days of the month and, besides, on those of the week: cron's rule where neither
  /// field begins with `*`.
  public var joinsDaysByOr: Bool { !dayOfMonth.isOpen && !dayOfWeek.isOpen }

  /// The five fields with names turned into numbers, as every cron reads them.
  public var text: String {
    [minute, hour, dayOfMonth, month, dayOfWeek].map(\.text).joined(separator: " ")
  }
}
