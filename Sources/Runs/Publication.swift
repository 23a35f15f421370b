import Foundation

/// The way of a job's files from the directory they were written in to their final names.
///
/// Files are hashed and flushed first, then the ledger withdraws what is about to be replaced, then comes the
/// rename. A crash at any moment leaves each file either old or new, and the ledger never vouches for the
/// wrong one.
struct Publication {
  package let output: URL
  let runID: String
  package let job: Job

  /// The directory in which the job writes: beside its final place, so that renaming never crosses file
  /// systems.
  var workspace: URL {
    let final = output.appendingPathComponent(job.directory)
    let parent = job.placement.isKeyed ? final.deletingLastPathComponent() : final
    return parent.appendingPathComponent("\(DurableFiles.temporaryPrefix)\(runID)-\(job.key.prefix(16))")
  }

  /// Makes the empty workspace.
  func prepare() throws {
    try DurableFiles.makeDirectory(workspace)
  }

  /// Removes what a failed job has written.
  func abandon() {
    try? FileManager.default.removeItem(at: workspace)
  }

  /// Publishes the files of the workspace.
  ///
  /// - Returns: the files under their final names.
  /// - Throws: `OutputFailure` where there is none; `SystemError` where the system refuses.
  func publish(ledger: Ledger) throws -> [ProducedFile] {
    let (names, directories) = try DurableFiles.contents(below: workspace)
    guard !names.isEmpty else {
      throw OutputFailure.nothing(job: job.id, directory: workspace.path)
    }
    let files = try names.map { name -> ProducedFile in
      let url = workspace.appendingPathComponent(name)
      let (digest, bytes) = try FileDigest.sha256(of: url.path)
      try DurableFiles.flush(url)
      return ProducedFile(path: "\(job.directory)/\(name)", bytes: bytes, sha256: digest)
    }
    if job.placement.isKeyed {
      try publishDirectory(directories)
    } else {
      let present = try ledger.beginPublishing(
        job: job.id, key: job.key, directory: job.directory, files: files.map(\.path))
      try publish(names, in: directories, replacing: present, ledger.hashes.kinds)
    }
    return files.map { file in
      var file = file
      file.stamp = FileStatus(output.appendingPathComponent(file.path).path)?.stamp
      return file
    }
  }

  private func publishDirectory(_ directories: [String]) throws {
    let final = output.appendingPathComponent(job.directory)
    // Of a run that was killed between its rename and its ledger record, or whose files have changed since.
    try? FileManager.default.removeItem(at: final)
    for name in directories { try DurableFiles.flush(workspace.appendingPathComponent(name)) }
    try DurableFiles.flush(workspace)
    try DurableFiles.rename(workspace, to: final)
    try DurableFiles.flush(final.deletingLastPathComponent())
  }

  private func publish(
    _ names: [String], in directories: [String], replacing replaced: Set<String>, _ kinds: FileKinds
  )
    throws
  {
    let final = output.appendingPathComponent(job.directory)
    for name in names {
      let url = final.appendingPathComponent(name)
      try DurableFiles.makeDirectory(url.deletingLastPathComponent())
      try DurableFiles.rename(workspace.appendingPathComponent(name), to: url)
    }
    let kept = Set(names.map { "\(job.directory)/\($0)" })
    for path in replaced where !kept.contains(path) {
      try DurableFiles.remove(output.appendingPathComponent(path))
    }
    // Statistics of a raster that is no longer there.
    for sideCar in names.compactMap(kinds.sideCar) where !names.contains(sideCar) {
      try DurableFiles.remove(final.appendingPathComponent(sideCar))
    }
    try? FileManager.default.removeItem(at: workspace)
    for name in directories { try DurableFiles.flush(final.appendingPathComponent(name)) }
    try DurableFiles.flush(final)
    try DurableFiles.flush(final.deletingLastPathComponent())
  }

  /// Removes the cached directories that earlier keys of the job have left.
  func removeSuperseded(ledger: Ledger) {
    guard job.placement == .cache else { return }
    for entry in ledger.history(job: job.id)
    where entry.key != job.key && entry.directory != job.directory {
      try? FileManager.default.removeItem(at: output.appendingPathComponent(entry.directory))
    }
  }
}
