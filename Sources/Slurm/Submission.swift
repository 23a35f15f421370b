import Foundation
import Runs
import Settings

/// An array of shards that was handed to a cluster: `cache/slurm/<run>/<name>.json` below the output
/// directory, so that a run that begins after this one was killed knows what may still be at work.
package struct Submission: Sendable {
  /// The name of the job, unique below the output directory.
  package let name: String
  /// The jobs of each element.
  package let shards: [Shard]
  /// The directory of its files.
  package let directory: URL

  /// The directory of the files of all runs.
  package static func directory(below output: URL) -> URL {
    output.appendingPathComponent("cache/slurm")
  }

  /// Creates a submission of a run.
  package init(name: String, shards: [Shard], run: String, output: URL) {
    (self.name, self.shards) = (name, shards)
    directory = Self.directory(below: output).appendingPathComponent(run)
  }

  /// The file in which element `n` finds its jobs, on line `n`.
  package var file: URL { directory.appendingPathComponent("\(name).shards") }

  /// Returns the log of an element.
  package func log(_ element: Int) -> String {
    directory.appendingPathComponent("\(name)-\(element).log").path
  }

  /// Writes the file of shards.
  ///
  /// - Throws: `SystemError`.
  package func write() throws {
    try DurableFiles.makeDirectory(directory)
    try ShardFile.write(shards.map(\.addresses), to: file)
  }

  /// Returns the files of shards below an output directory, each named for its job; those of runs that are
  /// over as well, until they are removed.
  package static func files(below output: URL) -> [URL] {
    let directory = directory(below: output)
    let files = (try? DurableFiles.contents(below: directory).files) ?? []
    return files.filter { $0.hasSuffix(".shards") }.map { directory.appendingPathComponent($0) }
  }

  /// Removes the files of runs that have no record any more; what else lies beside them, as logs of
  /// coordinators do, stays.
  package static func sweep(below output: URL) {
    let directory = directory(below: output)
    for run in (try? DurableFiles.names(in: directory)) ?? []
    where run.wholeMatch(of: /\d{8}T\d{6}Z-[0-9a-f]{4}/) != nil
      && FileStatus(output.appendingPathComponent("runs/\(run)").path) == nil
    {
      try? FileManager.default.removeItem(at: directory.appendingPathComponent(run))
    }
  }
}
