import Foundation
import Host
import Rasters
import Runs

extension Pipeline {
  /// Returns what a process that carries the pipeline out needs of the file system: what the file names, with
  /// the folders in which side-cars and parts lie, and the output directory.
  ///
  /// The output directory has to be there where anything is written: what is not there cannot be allowed.
  ///
  /// - Parameters:
  ///   - writes: whether anything is written below the output directory.
  ///   - others: directories that are written to besides.
  public func confinement(writes: Bool, besides others: [URL] = []) -> Confinement {
    let temporary = FileManager.default.temporaryDirectory.path
    let named = namedPaths.map(\.path)
    let output = Self.directories(of: file.output)
    let readable =
      named.flatMap { Confinement.places(of: $0) } + named.flatMap { StoredModel.ledgers(of: $0) }
      + GDALLibrary.places + output
    return Confinement(
      // A VRT can name any other file, and only the user can have asked for it.
      reading: file.allowVRT ? nil : readable,
      writing: (writes ? output : []) + others.map(\.path) + [temporary])
  }

  /// Returns an output directory, and those that links in it lead to: its cache may lie on another disk.
  private static func directories(of output: URL) -> [String] {
    let names = (try? DirectoryListing.names(in: output.path)) ?? []
    let links = names.map { output.path + "/" + $0 }.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: $0)) != nil
        && FileStatus($0)?.isDirectory == true
    }
    return [output.path] + links
  }
}
