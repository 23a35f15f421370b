import Foundation
import Settings

/// The jobs of a pipeline over the scenes at hand, each after those it depends on.
public struct Plan: Sendable {
  /// The pipeline that is to be carried out.
  public let pipeline: PlannedPipeline
  /// The jobs.
  public let jobs: [Job]
  /// Versions of terrane, its kernels and libraries, by name.
  public let versions: [String: String]

  /// Creates a plan.
  ///
  /// - Precondition: ids are unique, and every job that another depends on is planned.
  public init(of pipeline: PlannedPipeline, jobs: [Job], versions: [String: String]) {
    let known = Set(jobs.map(\.id))
    precondition(known.count == jobs.count, "two jobs have one id")
    for job in jobs {
      precondition(
        known.isSuperset(of: job.dependencies), "\(job.id) depends on a job that is not planned")
    }
    (self.pipeline, self.jobs, self.versions) = (pipeline, jobs, versions)
  }
}

/// The properties of a pipeline that a run's record and its table name.
public struct PlannedPipeline: Sendable {
  /// The pipeline file.
  public let url: URL
  /// The pipeline's name.
  public let name: String
  /// The labels of the stages, in order.
  public let stages: [String]
  /// The names of the classes, in order.
  public let classes: [String]
  /// The settings in force, without paths.
  public let resolved: JSONValue

  /// Creates a pipeline.
  public init(url: URL, name: String, stages: [String], classes: [String], resolved: JSONValue) {
    (self.url, self.name, self.stages) = (url, name, stages)
    (self.classes, self.resolved) = (classes, resolved)
  }
}
