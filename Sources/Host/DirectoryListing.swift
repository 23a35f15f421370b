import Foundation

/// The names in a directory, with a failure where not all of them can be read.
public enum DirectoryListing {
  /// Returns the names of the entries that are text, hidden ones too, sorted by their bytes.
  ///
  /// - Throws: `SystemError` naming the directory and the system's reason.
  public static func names(in directory: String) throws(SystemError) -> [String] {
    try DirectoryEntry.all(in: directory).compactMap(\.name)
  }

  /// Returns the paths of everything below a directory, relative to it; links are not followed.
  ///
  /// - Throws: as ``names(in:)``.
  public static func paths(below directory: String) throws(SystemError) -> [String] {
    var paths: [String] = []
    for name in try names(in: directory) {
      paths.append(name)
      var status = stat()
      let path = directory + "/" + name
      guard lstat(path, &status) == 0 else {
        throw .last("look at", path)
      }
      if status.st_mode & S_IFMT == S_IFDIR { paths += try self.paths(below: path).map { name + "/" + $0 } }
    }
    return paths
  }
}
