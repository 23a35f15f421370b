import Foundation
import Host
import Products
import Runs
import Settings

/// What a training, an adaptation or an evaluation of a run left: charts, scores, findings.
package struct ReportedModel: Sendable {
  /// A chart that lies beside a model or in a report.
  package struct Chart: Sendable {
    /// The name of the layer (`training-curves`).
    package let name: String
    package let data: DataURI
  }

  /// The task.
  package let stage, subject: String
  package let status: RecordedTask.Status
  package let seconds: Double
  package let findings: [Finding]
  package let warnings: [String]
  package let files: [ProducedFile]
  package let charts: [Chart]
  package let evaluation: ReportedEvaluation?

  /// Creates what a task left by its parts.
  package init(
    stage: String, subject: String, status: RecordedTask.Status = .done, seconds: Double = 0,
    findings: [Finding] = [], warnings: [String] = [], files: [ProducedFile] = [], charts: [Chart] = [],
    evaluation: ReportedEvaluation? = nil
  ) {
    (self.stage, self.subject, self.status, self.seconds) = (stage, subject, status, seconds)
    (self.findings, self.warnings, self.files) = (findings, warnings, files)
    (self.charts, self.evaluation) = (charts, evaluation)
  }

  /// The bytes of a chart that is shown; a larger one is no chart of terrane's.
  private static let largestChart = 1 << 20

  /// Reads what the tasks of a run left beside maps: by their artifacts, not by names of files.
  package static func all(of run: RecordedRun, below output: URL) -> [ReportedModel] {
    run.tasks.compactMap { task in
      guard task.status.isSuccess, let path = task.files.first?.path,
        path.hasPrefix("models/") || path.hasPrefix("reports/")
      else { return nil }
      return ReportedModel(task, below: output)
    }
  }

  private init(_ task: RecordedTask, below output: URL) {
    (stage, subject, status) = (task.stage, task.subject, task.status)
    (seconds, findings, warnings, files) = (task.seconds, task.findings, task.warnings, task.files)
    let place = task.files.lazy.map { output.appendingPathComponent($0.path) }
      .first { $0.lastPathComponent == Artifact.file }
    let documents = (place.flatMap { try? Artifact(contentsOf: $0) }?.layers ?? []).filter {
      $0.content == .document
    }
    func url(_ layer: Layer) -> URL? { place?.deletingLastPathComponent().appendingPathComponent(layer.file) }
    charts = documents.compactMap { layer in
      guard layer.file.hasSuffix(".svg"), let url = url(layer),
        let data = try? RegularFile.contents(of: url.path, limit: Self.largestChart)
      else { return nil }
      return Chart(name: layer.name, data: DataURI(.svg, data))
    }
    evaluation =
      documents.lazy.filter { $0.file.hasSuffix(".json") }
      .compactMap { url($0).flatMap(RunHistory.json) }
      .compactMap { ReportedEvaluation($0, subject: task.subject) }.first
  }
}
