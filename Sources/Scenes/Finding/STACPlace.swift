import Foundation
import Rasters

/// The file of a document, from which its links and assets are reached: those below its own directory.
struct STACPlace {
  /// The document's file.
  let file: String

  /// The directory of the file.
  private var directory: String { URL(fileURLWithPath: file).deletingLastPathComponent().path }

  /// Returns the file that a reference leads to.
  ///
  /// - Parameter what: the subject of a refusal, `asset 'red'`.
  /// - Throws: `refusedPath` for an address, a path out of the directory, a link out of it; `notFound` where
  ///   there is nothing; what `RegularFile.check` finds.
  func file(_ href: String, of what: String) throws(RasterError) -> String {
    func refusal(_ code: RasterError.Code, _ cause: String) -> RasterError {
      RasterError(code, "follow the item", path: file, cause: "\(what) is at \(href.prefix(200))\(cause)")
    }
    if href.contains("://") || href.hasPrefix("/vsi") || href.hasPrefix("\\\\") {
      throw refusal(.refusedPath, ": terrane reads local files only")
    }
    guard !href.isEmpty, !href.utf8.contains(0) else { throw refusal(.refusedPath, ", which is no path") }
    var found: String?
    for text in [href, href.removingPercentEncoding ?? href] {
      guard !text.utf8.contains(0), let path = inside(text) else {
        throw refusal(.refusedPath, ", which is not below the directory of the file that says it")
      }
      found = path
      if FileManager.default.fileExists(atPath: path) { break }
    }
    guard let found, FileManager.default.fileExists(atPath: found) else {
      throw refusal(.notFound, ", where no file is")
    }
    try InputPath.checkInside(directory, found)
    _ = try InputPath.checkedFile(found, to: "follow the item")
    return found
  }

  /// Returns the path of a reference below the directory; nil where it leads out of it.
  private func inside(_ href: String) -> String? {
    let base = directory
    let relative = href.hasPrefix(base + "/") ? String(href.dropFirst(base.count + 1)) : href
    guard !relative.hasPrefix("/") else { return nil }
    var parts: [Substring] = []
    for part in relative.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(part)
      } else if parts.popLast() == nil {
        return nil
      }
    }
    return parts.isEmpty ? nil : base + "/" + parts.joined(separator: "/")
  }
}
