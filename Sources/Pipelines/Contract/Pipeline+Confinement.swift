import Foundation
import Host
import Rasters

extension Pipeline {
  /// Returns what a process that carries the pipeline out needs of the file system: what the file names, with
  /// the folders in which side-cars and parts lie, and the output directory.
  ///
  /// - Parameters:
  ///   - writes: whether anything is written below the output directory.
  ///   - others: directories that are written to besides.
  public func confinement(writes: Bool, besides others: [URL] = []) -> Confinement {
    let temporary = FileManager.default.temporaryDirectory.path
    let readable =
      namedPaths.flatMap { Confinement.places(of: $0.path) } + GDALLibrary.places + [file.output.path]
    return Confinement(
      // A VRT can name any other file, and only the user can have asked for it.
      reading: file.allowVRT ? nil : readable,
      writing: (writes ? [Self.existing(file.output)] : []) + others.map(\.path) + [temporary])
  }

  /// Returns a directory, or where it is still to be made the lowest one above it that is there.
  private static func existing(_ directory: URL) -> String {
    var place = directory.standardizedFileURL
    while place.path != "/", !FileManager.default.fileExists(atPath: place.path) {
      place = place.deletingLastPathComponent()
    }
    return place.path
  }
}
