/// Finds anchors and aliases in a YAML text before it is composed.
///
/// Composing hashes keys, and a key built from aliases of aliases takes exponential time to hash; so the refusal must
/// come first. The scan knows comments, quotes and block scalars, and takes `&` and `*` for indicators only where a
/// value or key can begin.
enum AliasScan {
  private enum State {
    /// Where a token can begin.
    case expecting
    /// Inside plain text.
    case plain
    case singleQuoted
    case doubleQuoted
    case comment
  }

  /// The place of the first anchor or alias, nil where there is none.
  static func firstAnchorOrAlias(in text: String) -> Location? {
    var state = State.expecting
    var blockIndent: Int?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let scalars = Array(line.unicodeScalars)
      let indent = scalars.prefix { $0 == " " }.count
      if let parent = blockIndent {
        if indent > parent || scalars.allSatisfy({ $0 == " " || $0 == "\r" }) { continue }
        blockIndent = nil
      }
      if state == .comment || state == .plain { state = .expecting }
      if let column = scan(scalars, &state) { return Location(line: index + 1, column: column + 1) }
      if state == .plain || state == .expecting, opensBlock(scalars) { blockIndent = indent }
    }
    return nil
  }

  /// Walks one line; the index of an indicator, nil where there is none.
  private static func scan(_ scalars: [Unicode.Scalar], _ state: inout State) -> Int? {
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : " "
      switch state {
      case .comment: return nil
      case .singleQuoted:
        if scalar == "'" { state = .plain }
      case .doubleQuoted:
        if scalar == "\\" { index += 1 } else if scalar == "\"" { state = .plain }
      case .expecting:
        switch scalar {
        case " ", "\t", "[", "{", ",": break
        case "-", "?", ":": if !isBlank(next) { state = .plain }
        case "'": state = .singleQuoted
        case "\"": state = .doubleQuoted
        case "#": state = .comment
        case "&", "*": return index
        // A tag stands before the value that it belongs to.
        case "!": while index + 1 < scalars.count, !isBlank(scalars[index + 1]) { index += 1 }
        default: state = .plain
        }
      case .plain:
        switch scalar {
        case ":" where isBlank(next) || "[]{},".unicodeScalars.contains(next): state = .expecting
        case ",", "[", "{", "]", "}": state = .expecting
        case "#" where index > 0 && isBlank(scalars[index - 1]): state = .comment
        default: break
        }
      }
      index += 1
    }
    return nil
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\r"
  }

  /// Whether a line ends with the header of a block scalar (`|`, `>-`, `|2`).
  private static func opensBlock(_ scalars: [Unicode.Scalar]) -> Bool {
    let words = String(String.UnicodeScalarView(scalars)).split(separator: " ")
    guard let last = words.last(where: { $0 != "\r" }), let head = last.unicodeScalars.first else {
      return false
    }
    return (head == "|" || head == ">")
      && last.unicodeScalars.dropFirst().allSatisfy {
        "+-123456789\r".unicodeScalars.contains($0)
      }
  }
}
