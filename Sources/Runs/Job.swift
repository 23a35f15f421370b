import Foundation
import Settings

/// The place of a job's files below the output directory.
public enum Placement: String, Sendable, Hashable, Codable, CaseIterable {
  /// `models/<first 16 digits of the key>/`: kept for good.
  case models
  /// `cache/<subject>/<first 16 digits of the key>/`: removed once the same job has published under a newer
  /// key, or once no run has planned it for as long as ``Pruning`` keeps it.
  case cache
  /// `products/<subject>/`: files of a newer key replace those of the older.
  case products
  /// `reports/<subject>/`: likewise.
  case reports

  /// Returns the directory, relative to the output directory, of a job about `subject` with `key`.
  package func directory(subject: String, key: String) -> String {
    switch self {
    case .models: "models/\(key.prefix(16))"
    case .cache: "cache/\(subject)/\(key.prefix(16))"
    case .products: "products/\(subject)"
    case .reports: "reports/\(subject)"
    }
  }

  /// Whether each key has a directory of its own, so that keys never overwrite each other's files.
  var isKeyed: Bool { self == .models || self == .cache }
}

/// One piece of work of a plan: what it is about, its key, and what it does.
public struct Job: Sendable, Identifiable {
  /// `stage-label:subject`; unique in a plan and the same from night to night.
  public let id: String
  /// The label of the job's stage.
  public let stage: String
  /// The subject of the job: a scene, a pair, a model.
  public let subject: String
  /// The line that people read while the job runs ("Map T32TQM").
  public let title: String
  /// The kind of artifact that the job produces.
  public let produces: ArtifactKind
  /// The place of the job's files.
  public let placement: Placement
  /// Everything that can change its files' bytes.
  public let components: KeyComponents
  /// SHA-256 of `components`, 64 hexadecimal digits.
  public let key: String
  /// The jobs that must have succeeded before.
  public let dependencies: [String]
  /// The reason why the job cannot run (an input that could not be read), nil where it can.
  public let refusal: RunFailure?
  /// The files that it reads.
  package let watch: InputWatch
  /// Does the work: writes files below `context.directory`, returns what it has found.
  public let action: @Sendable (JobContext) throws -> JobResult

  /// The most bytes that the process takes while the job runs, known without reading a pixel; nil where the
  /// job does not know.
  public var peakMemory: (@Sendable () throws -> Int)?

  /// The scenes of the file's `data` that it reads.
  package var reads: [ReadScene] = []

  package init(
    id: String, stage: String, subject: String, title: String, produces: ArtifactKind, placement: Placement,
    components: KeyComponents, key: String, dependencies: [String], refusal: RunFailure?, watch: InputWatch,
    action: @escaping @Sendable (JobContext) throws -> JobResult,
    peakMemory: (@Sendable () throws -> Int)? = nil, reads: [ReadScene] = []
  ) {
    (self.id, self.stage, self.subject) = (id, stage, subject)
    (self.title, self.produces, self.placement) = (title, produces, placement)
    (self.components, self.key, self.dependencies) = (components, key, dependencies)
    (self.refusal, self.watch, self.action) = (refusal, watch, action)
    (self.peakMemory, self.reads) = (peakMemory, reads)
  }

  /// Fails where a file that it reads is not what it was when its key was made.
  ///
  /// - Throws: `InputFailure`, exit 75; what listing a directory throws.
  package func checkInputs() throws { try watch.check() }

  /// Returns the subject of the comparison of two scenes.
  package static func subject(before: String, after: String) -> String { "\(before)--\(after)" }

  /// Returns the subject of the comparison of a series, which stays the same as later dates are added.
  package static func subject(seriesFrom first: String) -> String { "\(first)--series" }

  /// The directory of its files, relative to the output directory.
  public var directory: String { placement.directory(subject: subject, key: key) }
}

/// A scene, or two dates of one ground, that a job reads.
package struct ReadScene: Sendable, Hashable {
  /// The paths that tell the scenes apart from others.
  package let paths: [String]
  /// The labels that are read with them.
  package let labels: URL?

  package init(paths: [String], labels: URL?) { (self.paths, self.labels) = (paths, labels) }
}

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

/// A job ended because the run was asked to end.
public struct RunCancelled: Error, Sendable {
  /// Creates the error that a job throws once it sees that it should end.
  public init() {}
}
