import Products
import Tasks
import Transfer

/// Learning curves: held-out scores over shares of the labels, and over the passes of a training.
struct EvaluationCurves<Score: ReportedScore> {
  let results: EvaluationResults<Score>
  let chain: EvaluatedChain

  /// The pictures that there is something to draw for, by name.
  var charts: [(String, LineChart)] {
    [("labels", overLabels), ("passes", overPasses)].compactMap { name, chart in
      chart.map { (name, $0) }
    }
  }

  private var overLabels: LineChart? {
    guard results.fractions.count > 1 else { return nil }
    let series = results.contestants.map { contestant in
      LineChart.Series(
        name: chain.name(of: contestant, among: results.contestants),
        points: results.fractions.compactMap { fraction in
          let seeds = results.bySeed(contestant, fraction: fraction)
          guard !seeds.isEmpty else { return nil }
          let score = ScoreSummary(seeds.map(\.headline))
          let interval = score.margin.isNaN ? nil : score.mean - score.margin...score.mean + score.margin
          return .init(x: 100 * fraction, y: score.mean, interval: interval)
        })
    }
    return LineChart(
      xTitle: "labels, %", panels: [.init(title: "\(Score.headline.title), held out", series: series)])
  }

  private var overPasses: LineChart? {
    let series = results.contestants.compactMap { contestant -> LineChart.Series? in
      let course = results.course(contestant)
      guard !course.isEmpty else { return nil }
      return LineChart.Series(
        name: chain.name(of: contestant, among: results.contestants),
        points: course.enumerated().map { .init(x: Double($0.offset + 1), y: $0.element) })
    }
    guard !series.isEmpty else { return nil }
    return LineChart(
      xTitle: "pass", panels: [.init(title: "\(Score.headline.title), held out", series: series)])
  }
}
