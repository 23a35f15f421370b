import Host

/// Text as it stands in an HTML file, in content and in attributes alike.
enum EscapedText {
  /// Writes a text so that nothing of it is taken for markup. Control characters and those that turn the
  /// direction of what follows are shown as octal numbers, as on a terminal.
  static func write(_ words: String, to text: inout String) {
    // Nearly all texts are plain.
    guard words.utf8.contains(where: isSpecial) else { return text += words }
    for scalar in words.visible.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      // No character of XML.
      case "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a byte means that a text must be looked at; of what is not ASCII every byte does.
  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    case 0x20..<0x7F: false
    default: true
    }
  }
}
