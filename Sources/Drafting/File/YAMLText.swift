import Host

/// Texts as a pipeline file may hold them.
enum YAMLText {
  /// Returns a text as a scalar, in quotes where it would be read as anything else.
  ///
  /// What the file would fill in, `${...}`, is written so that it stays.
  ///
  /// - Parameter isQuoted: whether it is in quotes in any case.
  static func scalar(_ text: String, isQuoted: Bool = false) -> String {
    let kept = text.replacing("${", with: "$${")
    let isPlain =
      kept.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
          || "_-./ ".unicodeScalars.contains(scalar)
      }
      && kept.first.map { $0.isLetter || $0 == "." || $0 == "/" } == true && kept.last != " "
      && !kept.contains(" -")
      && !words.contains(kept.lowercased()) && !kept.hasPrefix("--")
    return isPlain && !isQuoted ? kept : quoted(kept)
  }

  /// Words that YAML takes for something else than text.
  private static let words: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf",
  ]

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if VisibleText.isVisible(scalar) {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }
}
