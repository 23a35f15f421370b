import Foundation

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
    let text = Self.hidingPercent(command.shellText)
    guard text.utf8.count <= Self.longestCommand else {
      throw .unwritable(
        String(text.prefix(60)) + "...",
        reason: "\(text.utf8.count) bytes; cron reads \(Self.longestCommand) of a command")
    }
    return "\(time.text) \(text)"
  }

  private static func hidingPercent(_ text: String) -> String { text.replacing("%", with: "\\%") }

  /// Both lines.
  ///
  /// - Throws: as ``line()``.
  public func text() throws(ScheduleFailure) -> String { "\(command.marker)\n\(try line())\n" }

  /// Returns a crontab in which the entry stands in the place of an earlier one of the same pipeline, else
  /// below its comment or at the end; everything else stays as it is, byte by byte: nobody says in which
  /// encoding it is.
  ///
  /// - Throws: as ``line()``.
  public func replacing(in crontab: Data) throws(ScheduleFailure) -> (crontab: Data, earlier: String?) {
    var lines = crontab.split(separator: Self.lineFeed, omittingEmptySubsequences: false).map { Array($0) }
    if lines.last?.isEmpty == true { lines.removeLast() }
    let (marker, own) = (Array(command.marker.utf8), Array(try line().utf8))
    var earlier: String?
    if let place = lines.firstIndex(of: marker) {
      // Settings may stand between the comment and the command, and somebody may have taken that away.
      let next = lines[(place + 1)...].firstIndex { !Self.isSetting($0) }
      if let next, isOwn(lines[next]) {
        earlier = String(decoding: lines[next], as: UTF8.self)
        lines[next] = own
      } else {
        lines.insert(own, at: place + 1)
      }
    } else {
      lines += [marker, own]
    }
    return (Data(lines.map { $0 + [Self.lineFeed] }.joined()), earlier)
  }

  private static let lineFeed = UInt8(ascii: "\n")

  /// Returns whether a line sets a variable, as `MAILTO=me` does: a command begins with a digit, `*` or `@`.
  private static func isSetting(_ line: [UInt8]) -> Bool {
    let text = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard let first = text.first, text.contains(UInt8(ascii: "=")) else { return false }
    return UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first || UInt8(ascii: "a")...UInt8(ascii: "z") ~= first
      || "_\"'".utf8.contains(first)
  }

  /// Returns whether a line runs this pipeline: it has the word `run`, and the pipeline's path as a word.
  private func isOwn(_ line: [UInt8]) -> Bool {
    guard line.first != UInt8(ascii: "#") else { return false }
    return ["run", Self.hidingPercent(command.shellPipeline)].allSatisfy { word in
      (line + [UInt8(ascii: " ")]).firstRange(of: Array(" \(word) ".utf8)) != nil
    }
  }
}
