import CGDAL
import Foundation
import Host

/// The names in a directory, with a failure where not all of them can be read.
public enum DirectoryListing {
  /// The names of the entries that are text, hidden ones too, sorted by their bytes.
  ///
  /// - Throws: `notFound` or `inputOutput` naming the directory and the system's reason.
  public static func names(in directory: String) throws(RasterError) -> [String] {
    do throws(SystemError) { return try DirectoryEntry.all(in: directory).compactMap(\.name) } catch {
      throw RasterError(error, "list the directory")
    }
  }

  /// The paths of everything below a directory, relative to it; links are not followed.
  ///
  /// - Throws: as ``names(in:)``.
  public static func paths(below directory: String) throws(RasterError) -> [String] {
    var paths: [String] = []
    for name in try names(in: directory) {
      paths.append(name)
      var status = stat()
      let path = directory + "/" + name
      guard lstat(path, &status) == 0 else {
        throw RasterError(.inputOutput, "look at", path: path, cause: String(cString: strerror(errno)))
      }
      if status.st_mode & S_IFMT == S_IFDIR { paths += try self.paths(below: path).map { name + "/" + $0 } }
    }
    return paths
  }
}
