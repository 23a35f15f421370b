/// The text of a pipeline file, line by line as YAML counts lines, for places and excerpts in messages.
package struct SourceText: Sendable {
  /// The pipeline file, as the user named it.
  package let file: String
  /// The lines, without their line ends.
  package let lines: [String]

  package init(file: String, text: String = "") {
    self.file = file
    lines = YAMLLines.split(text).map { String(String.UnicodeScalarView($0.content)) }
  }

  /// Returns a mistake at a place, with the line where it stands.
  package func diagnostic(_ kind: Diagnostic.Kind, at origin: Origin?, _ message: String) -> Diagnostic {
    var line: String?
    if case .file(let place) = origin, lines.indices.contains(place.line - 1) {
      line = TextScalars.replaced(in: lines[place.line - 1])
    }
    return Diagnostic(kind: kind, file: file, origin: origin, message: message, line: line)
  }

  /// Returns the comment that stands where a value was expected (`color: #419bdf`), nil where there is none.
  func comment(at place: Location) -> String? {
    guard lines.indices.contains(place.line - 1) else { return nil }
    let rest = lines[place.line - 1].unicodeScalars.dropFirst(place.column - 1)
      .drop { $0 == ":" || $0 == " " || $0 == "\t" }
    guard rest.first == "#" else { return nil }
    let word = String(String.UnicodeScalarView(rest.prefix { !" \t,}]".unicodeScalars.contains($0) }))
    return word.count > 1 ? word : nil
  }

  /// Returns the colours that YAML takes for comments because they have no quotes, each with its place; none
  /// where the first of them stands behind the line at which reading ended.
  func unquotedColors(upTo last: Int) -> [(place: Location, color: String)] {
    let pattern = /[:,\[{]\s+(#[0-9A-Fa-f]{6}|#[0-9A-Fa-f]{3})(?![0-9A-Za-z])/
    let found = lines.enumerated().compactMap { index, line -> (place: Location, color: String)? in
      guard let match = line.firstMatch(of: pattern) else { return nil }
      let column = line[..<match.output.1.startIndex].unicodeScalars.count + 1
      return (Location(line: index + 1, column: column), String(match.output.1))
    }
    return found.first.map { $0.place.line <= last } ?? false ? found : []
  }

  /// Advises the user about a word that YAML takes for a comment.
  package static func advice(about comment: String) -> String {
    "# begins a comment, put quotes around it: \"\(comment)\""
  }
}

/// Lines as YAML 1.1, and so libyaml, knows them: they end with LF, CR, CR LF, NEL, LS or PS.
enum YAMLLines {
  package struct Line {
    package var content: [Unicode.Scalar] = []
    /// The line end; empty at the end of the text.
    package var ending: [Unicode.Scalar] = []
  }

  /// Returns the lines of a text, without a byte order mark before it.
  package static func split(_ text: String) -> [Line] {
    var lines = [Line()]
    var scalars = text.unicodeScalars[...]
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    var endsWithReturn = false
    for scalar in scalars {
      if scalar == "\n", endsWithReturn {
        lines[lines.count - 2].ending.append(scalar)
      } else if isBreak(scalar) {
        lines[lines.count - 1].ending = [scalar]
        lines.append(Line())
      } else {
        lines[lines.count - 1].content.append(scalar)
      }
      endsWithReturn = scalar == "\r"
    }
    return lines
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
