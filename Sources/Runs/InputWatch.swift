import Foundation
import Host

/// The files that a job reads, as they were when its key was made: what is recorded is what was read, or
/// nothing is.
package struct InputWatch: Sendable {
  private var files: [String: FileStatus] = [:]
  private var listings: [@Sendable () throws -> [URL]] = []

  /// Creates a watch of no input.
  package init() {}

  /// Watches files, and which files there are.
  ///
  /// - Parameter listing: finds the files again.
  package mutating func add(_ content: HashedContent, listing: @escaping @Sendable () throws -> [URL]) {
    files.merge(content.files) { first, _ in first }
    listings.append(listing)
  }

  /// Fails where a file is not what it was.
  ///
  /// - Throws: `InputFailure`, exit 75, that names a file that changed, went or arrived; what listing a
  ///   directory throws.
  package func check() throws {
    for (path, status) in files.sorted(by: { $0.key < $1.key }) where FileStatus(path) != status {
      throw Self.change(of: path)
    }
    var found: Set<String> = []
    for listing in listings { found.formUnion(try listing().map(\.scenePath)) }
    if let other = found.symmetricDifference(files.keys).min() { throw Self.change(of: other) }
  }

  /// Returns the failure of a job whose input at `path` is not what it was.
  static func change(of path: String) -> InputFailure {
    FileStatus(path) == nil ? .went(path) : .changed(path)
  }
}
