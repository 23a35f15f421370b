import Foundation

/// The service and the timer by which systemd runs a pipeline.
public struct SystemdUnits: Sendable, Hashable {
  private let command: ScheduledCommand
  private let events: CalendarEvents

  /// Creates the units.
  public init(_ command: ScheduledCommand, at time: CronExpression) {
    (self.command, events) = (command, CalendarEvents(time))
  }

  /// The name of both without its ending.
  public var name: String { "terrane-\(command.name)" }

  /// The service: one run.
  public var service: String {
    """
    \(command.marker)
    [Unit]
    Description=terrane \(Self.text(command.name)): \(Self.text(command.pipeline))

    [Service]
    Type=oneshot
    ExecStart=\(([command.program] + command.arguments).map(Self.word).joined(separator: " "))

    """
  }

  /// The timer. A time at which the machine was off is made up for when it is on again.
  public var timer: String {
    """
    \(command.marker)
    [Unit]
    Description=Times of terrane \(Self.text(command.name))

    [Timer]
    \(events.texts.map { "OnCalendar=\($0)" }.joined(separator: "\n"))
    Persistent=true

    [Install]
    WantedBy=timers.target

    """
  }

  /// Both files by their names.
  public var files: [(name: String, text: String)] {
    [("\(name).service", service), ("\(name).timer", timer)]
  }

  /// `%` begins a specifier.
  private static func text(_ text: String) -> String { text.replacing("%", with: "%%") }

  /// Returns a word of a command line: in quotes, with what systemd would fill in or take for an escape
  /// doubled.
  private static func word(_ word: String) -> String {
    let text = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
      .replacing("$", with: "$$")
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "_-./=:,@+".utf8.contains(byte)
      }
    return isPlain ? word : "\"\(text)\""
  }
}
