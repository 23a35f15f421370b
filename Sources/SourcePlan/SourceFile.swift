import Foundation

/// A Swift file of `Sources` without its comments and without what its string literals say.
struct SourceFile {
  /// Relative to `Sources`: `Scenes/Reading/Scene.swift`.
  let path: String
  /// The code that is left.
  let code: String
  /// Lines of the file as it is.
  let lines: Int

  /// The module that it belongs to.
  var module: String { String(path.prefix { $0 != "/" }) }
  /// The folder that it lies in.
  var folder: String { (path as NSString).deletingLastPathComponent }
  /// The name of the file.
  var name: String { (path as NSString).lastPathComponent }

  /// Reads a Swift file.
  init(path: String, below sources: URL) throws {
    let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
    self.path = path
    lines = text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    code = Self.code(of: text)
  }

  /// Reads all Swift files below a directory, sorted by path.
  static func all(below sources: URL) throws -> [SourceFile] {
    let paths = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map {
      try SourceFile(path: $0, below: sources)
    }
  }

  /// Returns a text without comments and literals; what literals interpolate stays.
  private static func code(of text: String) -> String {
    var scanner = CodeScanner(Array(text.utf8))
    return String(decoding: scanner.code(), as: UTF8.self)
  }
}

/// Walks over Swift source, byte by byte, and keeps what is code.
private struct CodeScanner {
  private let bytes: [UInt8]
  private var place = 0
  private var kept: [UInt8] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Returns the code from here to the end.
  mutating func code() -> [UInt8] {
    while place < bytes.count { step() }
    return kept
  }

  private func starts(with text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
  }

  private mutating func step() {
    if starts(with: "//") {
      while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    } else if starts(with: "\"\"\"") {
      skipLiteral(to: "\"\"\"")
    } else if starts(with: "\"") {
      skipLiteral(to: "\"")
    } else {
      kept.append(bytes[place])
      place += 1
    }
  }

  private mutating func skipLiteral(to end: StaticString) {
    place += end.utf8CodeUnitCount
    while place < bytes.count, !starts(with: end) {
      if starts(with: "\\(") {
        place += 2
        kept.append(UInt8(ascii: " "))
        keepInterpolation()
      } else {
        place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
      }
    }
    place = min(bytes.count, place + end.utf8CodeUnitCount)
    kept.append(UInt8(ascii: " "))
  }

  private mutating func keepInterpolation() {
    var depth = 1
    while place < bytes.count, depth > 0 {
      if bytes[place] == UInt8(ascii: "(") { depth += 1 }
      if bytes[place] == UInt8(ascii: ")") { depth -= 1 }
      step()
    }
  }
}
