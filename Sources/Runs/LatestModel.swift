import Foundation

extension Plan {
  /// The job of the last model of the chain; nil where none is made.
  var lastModel: Job? { jobs.last { $0.placement == .models } }
}

extension Job {
  /// Points `models/latest` to the job's directory, so that another pipeline file can start from it by a
  /// fixed path.
  func linkAsLatest(below output: URL) throws {
    let directory = output.appendingPathComponent(directory)
    let link = directory.deletingLastPathComponent().appendingPathComponent("latest")
    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)
    if target != directory.lastPathComponent { try DurableFiles.link(link, to: directory.lastPathComponent) }
  }
}
