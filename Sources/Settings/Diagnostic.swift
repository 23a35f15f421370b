import Host

/// A place in a text: line and column from 1, columns counted in Unicode scalars.
public struct Location: Sendable, Hashable, Comparable {
  /// Line, from 1.
  public var line: Int
  /// Column, from 1.
  public var column: Int

  /// Creates the place at `line` and `column`, both from 1.
  public init(line: Int, column: Int) {
    (self.line, self.column) = (line, column)
  }

  /// Returns whether the left place is earlier in the text.
  public static func < (left: Location, right: Location) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// The place where a setting was written.
public enum Origin: Sendable, Hashable {
  /// The setting was written in the pipeline file.
  case file(Location)
  /// The setting was given on the command line; the text is the argument as given (`--set chips.size=0`).
  case commandLine(String)
}

/// One thing that is wrong with a pipeline file or with a setting given on the command line.
public struct Diagnostic: Sendable, Hashable {
  /// The kind of mistake, which decides the exit code.
  public enum Kind: Sendable, Hashable {
    /// The settings are wrong.
    case settings
    /// The settings are well formed but name a path that is not there.
    case missingInput
    /// The settings are well formed but the data that they name cannot be used.
    case badData
    /// An input that is named could not be read for a reason that lies in the machine.
    case inputOutput
  }

  /// The kind of mistake.
  public var kind: Kind
  /// The pipeline file, as the user named it.
  public var file: String
  /// The place of the mistake; nil for the file as a whole.
  public var origin: Origin?
  /// The mistake, in a sentence without a full stop.
  public var message: String
  /// The offending line of the file, without what ends it.
  public var line: String?

  /// Creates a mistake.
  public init(kind: Kind, file: String, origin: Origin?, message: String, line: String? = nil) {
    self.kind = kind
    self.file = file
    self.origin = origin
    self.message = message
    self.line = line
  }

  /// `file:line:col: error: message`, then the offending line and a caret under the column.
  public var text: String {
    let (file, message) = (file.visibleLine, message.visibleLine)
    switch origin {
    case nil: return "\(file): error: \(message)"
    case .commandLine(let argument): return "\(argument.visibleLine): error: \(message)"
    case .file(let location):
      let head = "\(file):\(location.line):\(location.column): error: \(message)"
      guard let line else { return head }
      let (excerpt, column) = Self.excerpt(of: Array(line.unicodeScalars), around: location.column)
      // One for one, so that the caret stays where it belongs.
      let shown = excerpt.map { $0 == "\t" || VisibleText.isVisible($0) ? $0 : "\u{FFFD}" }
      // A tab is repeated in the caret's line so that both lines are indented alike on any terminal.
      let pad = shown.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }
      return "\(head)\n\(String(String.UnicodeScalarView(shown)))\n\(pad.joined())^"
    }
  }

  /// Returns the columns of a line that a message shows: all, or 160 where it is longer.
  private static func excerpt(
    of line: [Unicode.Scalar], around column: Int
  ) -> (shown: [Unicode.Scalar], column: Int) {
    let width = 160
    guard line.count > width else { return (line, column) }
    let first = max(0, min(column - width / 2, line.count - width))
    return (Array(line[first..<first + width]), column - first)
  }
}

extension [Diagnostic] {
  /// The mistakes in the order of the file, those of the command line and of the whole file first.
  public var inOrderOfFile: [Diagnostic] {
    func place(_ diagnostic: Diagnostic) -> Location {
      if case .file(let location) = diagnostic.origin { location } else { Location(line: 0, column: 0) }
    }
    return enumerated()
      .sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }.map(\.element)
  }
}
