import Foundation
import Settings

/// The jobs of a pipeline over the scenes at hand, each after those it depends on.
public struct Plan: Sendable {
  /// The pipeline that is to be carried out.
  public let pipeline: PlannedPipeline
  /// The jobs.
  public let tasks: [Job]
  /// Versions of terrane, its kernels and libraries, by name.
  public let versions: [String: String]

  /// Creates a plan.
  ///
  /// - Precondition: ids are unique, and every job that another depends on is planned.
  public init(of pipeline: PlannedPipeline, tasks: [Job], versions: [String: String]) {
    let known = Set(tasks.map(\.id))
    precondition(known.count == tasks.count, "two tasks have one id")
    for task in tasks {
      precondition(
        known.isSuperset(of: task.dependencies), "\(task.id) depends on a task that is not planned")
    }
    (self.pipeline, self.tasks, self.versions) = (pipeline, tasks, versions)
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
