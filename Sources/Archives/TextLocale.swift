import Foundation

/// The locale in which libarchive takes names for UTF-8: in the one that a program starts with, names beyond
/// ASCII are lost.
enum TextLocale {
  private nonisolated(unsafe) static let utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

  /// Runs `body` on this thread in that locale; in the thread's own where the system lacks it.
  static func use<Result>(_ body: () -> Result) -> Result {
    guard let utf8 else { return body() }
    let before = uselocale(utf8)
    defer { uselocale(before) }
    return body()
  }
}
