import Foundation

extension URL {
  /// The path that tells scenes and files apart, however they were found: a directory's URL may end in a
  /// slash or not.
  package var scenePath: String { standardizedFileURL.path }
}
