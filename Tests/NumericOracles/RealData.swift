import Foundation

/// Real scenes, which are not part of the repository: tests of them are skipped where there are none.
public enum RealData {
  /// Their directory: `TERRANE_DATA`, or `../shared/data` beside the package.
  public static let directory: String? = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return [
      ProcessInfo.processInfo.environment["TERRANE_DATA"],
      package.appendingPathComponent("../shared/data").standardizedFileURL.path,
    ].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
  }()

  /// Whether there are any.
  public static var isPresent: Bool { directory != nil }

  /// Why tests of them are skipped.
  public static let absence = "no ../shared/data and no TERRANE_DATA"

  /// The path of one of them.
  public static func path(_ name: String) -> String { (directory ?? "") + "/" + name }
}
