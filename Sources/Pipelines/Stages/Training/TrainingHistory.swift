import Foundation
import Host
import Products
import Transfer

/// The course of a training beside its model: `training.jsonl`, one line a pass, and `training.svg`, the
/// curves.
struct TrainingHistory {
  private let course: [TrainingLoop.Epoch]
  /// The name of the scores.
  private let metric: String

  init(_ course: [TrainingLoop.Epoch], metric: String) { (self.course, self.metric) = (course, metric) }

  /// Writes table and curves.
  ///
  /// - Returns: the files.
  func write(to directory: URL) throws -> [Layer] {
    let (table, chart) = ("training.jsonl", "training.svg")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var lines = Data()
    for epoch in course {
      lines.append(try encoder.encode(epoch))
      lines.append(contentsOf: [UInt8(ascii: "\n")])
    }
    try RegularFile.write(lines, to: directory.appendingPathComponent(table).path)
    try RegularFile.write(Data(curves.svg.utf8), to: directory.appendingPathComponent(chart).path)
    return [Layer("training", file: table, .document), Layer("training-curves", file: chart, .document)]
  }

  /// The curves of the loss and, where there is one, of the validation score over the passes of all phases.
  private var curves: LineChart {
    func points(_ value: (TrainingLoop.Epoch) -> Double?) -> [LineChart.Point] {
      course.enumerated().compactMap { index, epoch in value(epoch).map { .init(x: Double(index + 1), y: $0) }
      }
    }
    let loss = LineChart.Panel(title: "loss", series: [.init(name: "training", points: points(\.loss))])
    let scores = [("validation", points(\.validation)), ("held out", points(\.monitored))]
      .filter { !$0.1.isEmpty }.map { LineChart.Series(name: $0.0, points: $0.1) }
    return LineChart(
      xTitle: "pass", panels: [loss] + (scores.isEmpty ? [] : [.init(title: metric, series: scores)]))
  }
}
