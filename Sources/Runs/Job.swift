import Foundation
import Settings

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

  /// The pixels of the scenes that it is about, in millions, known from headers; nil of a job about no scene,
  /// as a training is.
  public var megapixels: (@Sendable () throws -> Double)?

  /// The scenes of the file's `data` that it reads.
  package var reads: [ReadScene] = []

  /// The parts of the work that other processes can do beforehand; nil where there are none.
  public var preparation: JobPreparation?

  /// Whether the job is about no single scene: a training or an evaluation, which takes all threads for long.
  public var takesAllThreads: Bool { placement == .models || placement == .reports }

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
