import Foundation
import Testing

@Suite("docs/findings.md")
struct FindingsDocumentTests {
  private static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The keys that the sources of a module make, with their files.
  private func keys() throws -> [String: String] {
    let sources = Self.package.appendingPathComponent("Sources")
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter {
      $0.hasSuffix(".swift")
    }
    var keys: [String: String] = [:]
    for name in names {
      let text = try String(contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: #/FindingKey\(\s*"([^"]+)"/#) { keys[String(match.1)] = name }
    }
    return keys
  }

  /// The keys that the first column of a table describes.
  private func documented() throws -> Set<String> {
    let text = try String(
      contentsOf: Self.package.appendingPathComponent("docs/findings.md"), encoding: .utf8)
    let cells = text.split(separator: "\n").compactMap { line in
      line.hasPrefix("| `") ? line.split(separator: "|").first : nil
    }
    return Set(cells.flatMap { $0.matches(of: #/`([^`]+)`/#).map { String($0.1) } })
  }

  @Test("It describes every key that a stage can leave, and no other")
  func keysAreDocumented() throws {
    let (keys, documented) = (try keys(), try documented())
    #expect(keys.count > 30, "the sources were not found")
    for (key, file) in keys where !documented.contains(key) {
      Issue.record("docs/findings.md says nothing of '\(key)' (\(file))")
    }
    #expect(documented.subtracting(keys.keys) == [])
  }

  @Test("Keys are in kebab-case, so that they never need quotes")
  func kebabCase() throws {
    for key in try keys().keys { #expect(key.wholeMatch(of: #/[a-z0-9]+(-[a-z0-9]+)*/#) != nil, "\(key)") }
  }
}
