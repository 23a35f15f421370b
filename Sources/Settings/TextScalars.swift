/// Characters that no text of a pipeline file may hold, because XML, JSON, terminals or names cannot.
package enum TextScalars {
  /// Returns the first scalar of a text that is a control character (tabs and line ends apart) or no
  /// character at all.
  static func firstRefused(in text: String) -> Unicode.Scalar? { text.unicodeScalars.first(where: isRefused) }

  /// Returns the text with U+FFFD for what is refused, so that messages about it can be shown.
  package static func replaced(in text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isRefused($0) ? "\u{FFFD}" : $0 }))
  }

  /// Returns the objection to a scalar, in a sentence.
  package static func objection(to scalar: Unicode.Scalar) -> String {
    "\(codePoint(scalar)) is \(isNoncharacter(scalar) ? "no" : "a control") character, which no text here may hold"
  }

  /// Returns the description of a scalar: `U+0412 (CYRILLIC CAPITAL LETTER VE)`.
  package static func described(_ scalar: Unicode.Scalar) -> String {
    codePoint(scalar) + (scalar.properties.name.map { " (\($0))" } ?? "")
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    if isNoncharacter(scalar) { return true }
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x85: return false
    default: return scalar.properties.generalCategory == .control
    }
  }

  private static func isNoncharacter(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
  }
}
