import Foundation
import Host

/// The command that is to be run at its times: the program with its arguments, all paths absolute.
public struct ScheduledCommand: Sendable, Hashable {
  /// The program.
  public let program: String
  /// Its arguments.
  public let arguments: [String]
  /// The pipeline file, by which the schedule is found again.
  public let pipeline: String
  /// The pipeline's name.
  public let name: String

  /// - Throws: `ScheduleFailure.unwritable` for a text with control characters, which no line can hold.
  public init(program: String, arguments: [String], pipeline: String, name: String) throws(ScheduleFailure) {
    (self.program, self.arguments, self.pipeline, self.name) = (program, arguments, pipeline, name)
    for text in [program, pipeline] + arguments
    where text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
      throw .unwritable(text, reason: "it holds a control character")
    }
  }

  /// The comment that marks what is of this pipeline.
  public var marker: String { Self.markerStart + pipeline }

  /// The beginning of every such comment.
  static let markerStart = "# terrane schedule: "

  /// The command for sh, each word quoted where it needs to be.
  var shellText: String { ([program] + arguments).map(Self.shellWord).joined(separator: " ") }

  /// The pipeline file as a word for sh.
  var shellPipeline: String { Self.shellWord(pipeline) }

  private static func shellWord(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || "_-./=:,@+".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
