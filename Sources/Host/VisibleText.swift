/// The visible form of text that others wrote (names of files, metadata, names of tensors), on a terminal and
/// in logs.
///
/// A terminal takes control characters for orders: colours, its title, what it answers. They are escaped as
/// `ls -b` and git do it; so are the characters that turn the direction of what follows.
public enum VisibleText {
  /// Bytes with everything but visible ASCII as octal numbers.
  public static func escaped(_ bytes: [UInt8]) -> String {
    bytes.map { (0x20..<0x7F).contains($0) ? String(Unicode.Scalar($0)) : octal($0) }.joined()
  }

  static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// Returns whether a character is shown as it is.
  public static func isVisible(_ scalar: Unicode.Scalar) -> Bool { !isHidden(scalar) }

  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static let letters: [Unicode.Scalar: String] = [
    "\u{07}": "\\a", "\u{08}": "\\b", "\t": "\\t", "\n": "\\n", "\u{0B}": "\\v", "\u{0C}": "\\f", "\r": "\\r",
  ]

  static func escape(_ text: String, keepingLines: Bool) -> String {
    let isKept = { (scalar: Unicode.Scalar) in
      !isHidden(scalar) || keepingLines && (scalar == "\n" || scalar == "\t")
    }
    if text.unicodeScalars.allSatisfy(isKept) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isKept(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += letters[scalar] ?? UTF8.encode(scalar)!.map(octal).joined()
      }
    }
    return result
  }
}

extension String {
  /// The text with its control characters escaped, but for line feeds and tabs.
  public var visible: String { VisibleText.escape(self, keepingLines: true) }

  /// The text on one line, with all its control characters escaped.
  public var visibleLine: String { VisibleText.escape(self, keepingLines: false) }

  /// Returns the text, or where it has more than `limit` characters its beginning and how long it was.
  public func shortened(to limit: Int) -> String {
    // Bytes first: counting characters of megabytes takes long.
    guard utf8.count > limit, let end = index(startIndex, offsetBy: limit, limitedBy: endIndex),
      end < endIndex
    else { return self }
    return self[..<end] + "... (\(utf8.count) bytes)"
  }
}
