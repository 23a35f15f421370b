/// The result that an action hands back beside the files it wrote.
public struct JobResult: Sendable {
  /// The findings of the job, each key once; kept with the job, so shown for skipped ones too.
  public var findings: [Finding]
  /// Sentences that the user should read although the job succeeded.
  public var warnings: [String]

  /// Creates the result of an action.
  public init(findings: [Finding] = [], warnings: [String] = []) {
    (self.findings, self.warnings) = (findings, warnings)
  }
}

/// A file that a job made.
public struct ProducedFile: Sendable, Hashable, Codable {
  /// Relative to the output directory.
  public var path: String
  /// The file's size.
  public var bytes: Int
  /// SHA-256 of its content, 64 hexadecimal digits.
  public var sha256: String
  /// The file's status, as one text, once it had its final name: while that holds the file need not be read
  /// to know that it is whole.
  package var stamp: String?

  package init(path: String, bytes: Int, sha256: String, stamp: String? = nil) {
    (self.path, self.bytes, self.sha256, self.stamp) = (path, bytes, sha256, stamp)
  }
}

/// The published files and the findings of a job.
public struct JobOutput: Sendable, Hashable {
  /// The job.
  public var job: String
  /// The key it ran under.
  public var key: String
  /// The directory of its files, relative to the output directory.
  public var directory: String
  /// The job's files.
  public var files: [ProducedFile]
  /// The job's findings.
  public var findings: [Finding]
  /// The job's warnings to the user.
  public var warnings: [String]
  /// Versions of terrane, its kernels and libraries that made it, by name.
  public var versions: [String: String]

  /// The subject of the job: its id is `stage-label:subject`, and a scene's own name may hold a colon.
  package var subject: String { job.split(separator: ":", maxSplits: 1).last.map(String.init) ?? "" }

  package init(
    job: String, key: String, directory: String, files: [ProducedFile], findings: [Finding],
    warnings: [String], versions: [String: String] = [:]
  ) {
    (self.job, self.key, self.directory, self.files) = (job, key, directory, files)
    (self.findings, self.warnings, self.versions) = (findings, warnings, versions)
  }
}
