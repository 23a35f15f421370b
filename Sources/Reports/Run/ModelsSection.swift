import Runs
import Settings

/// The models of a run: how their trainings went, and how far apart the domains were.
struct ModelsSection {
  let models: [ReportedModel]

  /// The name of each chart for people, by the name of its layer.
  static func caption(of chart: String) -> String {
    switch chart {
    case "training-curves": "Course of the training"
    case "domain-shift-features": "Features of source and target before and after the adaptation"
    case "labels": "Held-out score over the share of the labels"
    case "passes": "Held-out score over the passes"
    default: chart
    }
  }

  /// Draws the charts of a model on paper of their own.
  static func charts(of model: ReportedModel) -> HTML {
    let figures = model.charts.map { chart -> HTML in
      let caption = caption(of: chart.name)
      return .element(
        "figure", [:],
        [
          .element(
            "div", class: "chart",
            [.picture(chart.data, alt: "\(caption), \(model.stage)", ["loading": "lazy"])]),
          .element("figcaption", [:], [.text(caption)]),
        ])
    }
    return figures.isEmpty ? .nothing : .element("div", class: "charts", figures)
  }

  var html: HTML {
    .section("Models", id: "models", models.filter { $0.evaluation == nil }.map(card))
  }

  private func card(_ model: ReportedModel) -> HTML {
    let (words, tone) = model.status.shown
    var facts: [(name: String, value: HTML)] = []
    for finding in model.findings where finding.key != FindingKey.report.name {
      guard let number = finding.number else { continue }
      let unit = finding.unit.map { " \($0)" } ?? ""
      facts.append((finding.title, .text(ShownNumber.figure(number) + unit)))
    }
    if let sum = model.files.first(where: { $0.path.hasSuffix(".safetensors") })?.sha256 {
      facts.append(("SHA-256 of the weights", .element("span", ["class": "mono"], [.text(sum)])))
    }
    return .element(
      "article", class: "card",
      [
        .element(
          "header", [:],
          [
            .element("h3", [:], [.name(model.stage)]), .mark(words, tone: tone.rawValue),
            .element("p", [:], [.text(model.status == .done ? ShownNumber.duration(model.seconds) : "")]),
          ]), .facts(facts), Self.charts(of: model), shift(model), warnings(model),
      ])
  }

  private func shift(_ model: ReportedModel) -> HTML {
    guard let table = model.findings.first(where: { $0.key == "domain-shift" })?.table else {
      return .nothing
    }
    let names = [
      "time": "", "squared-mmd": "Squared MMD", "coral-distance": "CORAL distance",
      "domain-classifier-accuracy": "Accuracy of a domain classifier", "proxy-a-distance": "Proxy A-distance",
    ]
    return PageTable(
      caption: "Distance of source and target",
      columns: table.columns.map { .init(names[$0.key] ?? $0.key, isNumber: $0.key != "time") },
      rows: table.rows.map { row in
        table.columns.map { column in
          row[column.key]?.text.map { .init(.text($0)) }
            ?? .init(number: row[column.key]?.double, ShownNumber.score)
        }
      }
    ).html
  }

  private func warnings(_ model: ReportedModel) -> HTML {
    guard !model.warnings.isEmpty else { return .nothing }
    return [
      .element("h4", [:], ["To be known"]),
      .element("ul", [:], model.warnings.map { .element("li", [:], [.text($0)]) }),
    ]
  }
}
