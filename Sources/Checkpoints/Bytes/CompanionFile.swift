import Foundation

/// A file that a file of weights names because the bytes of tensors lie in it.
enum CompanionFile {
  /// Returns the path of the file that `location` names, which lies in the folder of the file that names it
  /// or below that.
  ///
  /// - Throws: ``CheckpointError`` `malformed` for a location that leaves the folder, by its words or by a
  ///   link, and `notFound` where there is none.
  static func path(_ location: String, namedBy bytes: FileBytes) throws(CheckpointError) -> String {
    let words = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.utf8.contains(0), !words.contains(".."), !location.hasPrefix("/")
    else {
      throw bytes.malformed("it names the file '\(location.prefix(100))', which is not in its folder")
    }
    let folder = URL(fileURLWithPath: bytes.path).deletingLastPathComponent().path
    let path = folder + "/" + location
    guard let root = realpath(folder, nil), let target = realpath(path, nil) else {
      throw CheckpointError(
        .notFound, path: bytes.path, "it names the file '\(location.prefix(100))', which is not there")
    }
    defer {
      free(root)
      free(target)
    }
    let inside = String(cString: root) == "/" ? "/" : String(cString: root) + "/"
    guard String(cString: target).hasPrefix(inside) else {
      throw bytes.malformed("it names the file '\(location.prefix(100))', a link that leaves its folder")
    }
    return path
  }
}
