/// The two lines of a crontab that run a pipeline: the comment by which they are found again, and the
/// command.
public struct CrontabEntry: Sendable, Hashable {
  private let command: ScheduledCommand
  private let time: CronExpression

  /// Creates the entry.
  public init(_ command: ScheduledCommand, at time: CronExpression) {
    (self.command, self.time) = (command, time)
  }

  /// The most bytes of a line that Debian's cron reads.
  static let longestCommand = 998

  /// The line with time and command. cron takes a `%` for the end of the line, unless a backslash stands
  /// before it.
  ///
  /// - Throws: `ScheduleFailure.unwritable` for a command that is longer than cron reads.
  public func line() throws(ScheduleFailure) -> String {
    let text = command.shellText.replacing("%", with: "\\%")
    guard text.utf8.count <= Self.longestCommand else {
      throw .unwritable(
        String(text.prefix(60)) + "...",
        reason: "\(text.utf8.count) bytes; cron reads \(Self.longestCommand) of a command")
    }
    return "\(time.text) \(text)"
  }

  /// Both lines.
  ///
  /// - Throws: as ``line()``.
  public func text() throws(ScheduleFailure) -> String { "\(command.marker)\n\(try line())\n" }

  /// Returns a crontab in which the entry stands in the place of an earlier one of the same pipeline, else at
  /// its end; everything else stays as it is.
  ///
  /// - Throws: as ``line()``.
  public func replacing(in crontab: String) throws(ScheduleFailure) -> (text: String, earlier: String?) {
    var lines = crontab.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let own = [command.marker, try line()]
    guard let place = lines.firstIndex(of: command.marker) else {
      return ((lines + own).joined(separator: "\n") + "\n", nil)
    }
    // The line behind the comment is the entry's, unless somebody has taken it away.
    let next = place + 1
    let isOwn = next < lines.count && !lines[next].isEmpty && !lines[next].hasPrefix("#")
    let earlier = isOwn ? lines[next] : nil
    lines.replaceSubrange(place..<(isOwn ? next + 1 : next), with: own)
    return (lines.joined(separator: "\n") + "\n", earlier)
  }
}
