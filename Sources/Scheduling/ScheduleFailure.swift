import Host
import Runs

/// The reason why a time, or a command, cannot be scheduled as wanted.
public enum ScheduleFailure: ExitCoded, Hashable {
  /// The expression does not have five fields.
  case fields(String, count: Int)
  /// A field of the expression is wrong: the field's name, its text, what is wrong with it.
  case badField(String, text: String, reason: String)
  /// The expression is a word that is no time of the calendar.
  case noTime(String, reason: String)
  /// The days that the expression names are none of the calendar.
  case never(String)
  /// A text cannot stand in the file: the text, and why.
  case unwritable(String, reason: String)
  /// A program that is to be asked is not there, or refuses: what it was asked, and what it said.
  case refused(String, reason: String)
  /// A file of that name is of something else: the file, and what it is of.
  case taken(String, by: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .fields(let text, let count):
      "'\(text)' has \(count) \(count == 1 ? "field" : "fields"); cron's five are minute, hour, day of the month, month and "
        + "day of the week, as in \"0 2 * * *\""
    case .badField(let field, let text, let reason): "\(field) '\(text)': \(reason)"
    case .noTime(let text, let reason): "'\(text)' \(reason)"
    case .never(let text): "'\(text)' never comes: no month that it names has such a day"
    case .unwritable(let text, let reason): "'\(text.visibleLine)' cannot stand in a schedule: \(reason)"
    case .refused(let asked, let reason): "\(asked): \(reason)"
    case .taken(let file, let owner):
      "\(file) is there and belongs to \(owner): give the pipelines different names"
    }
  }

  /// 64 for what is wrong on the command line, 69 where a program refuses, 73 where a file is taken.
  public var exitCode: ExitCode {
    switch self {
    case .fields, .badField, .noTime, .never, .unwritable: .usage
    case .refused: .unavailable
    case .taken: .cannotCreate
    }
  }
}
