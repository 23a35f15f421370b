/// The scores of the models of a run: which is how good, beside those that stand for no transfer.
struct ScoresSection {
  let evaluations: [ReportedEvaluation]
  let colors: ClassColors
  /// Curves over shares of the labels and over passes, by the evaluation's place.
  let charts: [HTML]

  var html: HTML {
    .section(
      "Scores", id: "scores",
      zip(evaluations, charts).map { evaluation, charts in
        .element(
          "div", class: "card",
          [
            evaluations.count > 1
              ? .element("header", [:], [.element("h3", [:], [.name(evaluation.subject)])]) : .nothing,
            lead(evaluation), comparison(evaluation), charts, details(evaluation),
          ])
      })
  }

  private func lead(_ evaluation: ReportedEvaluation) -> HTML {
    var words = "Split: \(evaluation.split)"
    if evaluation.seeds > 1 {
      words += "; means over \(evaluation.seeds) seeds with 95 % intervals"
    }
    return [
      evaluation.verdict.map {
        .element(
          "p", [:],
          [
            .mark(
              evaluation.isNegative ? "transfer does harm" : "verdict",
              tone: evaluation.isNegative ? "bad" : "good"), " ", .text($0),
          ])
      } ?? .nothing, .note(words + ". Labels that no model was trained on."),
    ]
  }

  // MARK: - All models

  private func comparison(_ evaluation: ReportedEvaluation) -> HTML {
    guard let headline = evaluation.models.first?.figures.first?.name else { return .nothing }
    let names = evaluation.models[0].figures.map(\.name)
    let references = evaluation.models.filter { evaluation.rivals.contains($0.name) }
      .compactMap { $0.figure(headline)?.mean }
    return PageTable(
      caption: "Models by \(headline); dashed lines stand where models without the recipe do",
      columns: [.init("Model"), .init("\(headline), 0 to 1")] + names.map { .init($0, isNumber: true) },
      rows: evaluation.models.map { model in
        [
          .init([
            .name(model.name),
            model.name == evaluation.recipe ? [" ", .mark("the recipe", tone: "plain")] : .nothing,
          ]), .init(model.figure(headline).map { dots($0, references) } ?? .nothing),
        ]
          + names.map { name in
            .init(model.figure(name).map { .text(Self.words($0)) } ?? "\u{2013}")
          }
      }
    ).html
  }

  private static func words(_ figure: ReportedEvaluation.Figure) -> String {
    let half = figure.interval.map { ($0.upperBound - $0.lowerBound) / 2 }
    return ShownNumber.score(figure.mean) + (half.map { " \u{00B1} \(ShownNumber.score($0))" } ?? "")
  }

  /// A score as a dot on a line from 0 to 1, with its interval.
  private func dots(_ figure: ReportedEvaluation.Figure, _ references: [Double]) -> HTML {
    func x(_ value: Double) -> String { "\(Bars.coordinate(100 * max(0, min(1, value))))%" }
    func line(_ from: Double, _ to: Double, _ y: (String, String), _ kind: String) -> HTML {
      .element("line", ["x1": x(from), "x2": x(to), "y1": y.0, "y2": y.1, "class": kind])
    }
    return .element(
      "svg", ["class": "dots", "aria-hidden": "true"],
      [line(0, 1, ("9", "9"), "line")] + references.map { line($0, $0, ("1", "17"), "mark-line") }
        + (figure.interval.map { [line($0.lowerBound, $0.upperBound, ("9", "9"), "interval")] } ?? [])
        + [.element("circle", ["cx": x(figure.mean), "cy": "9", "r": "5"])])
  }

  // MARK: - One model

  private func details(_ evaluation: ReportedEvaluation) -> HTML {
    let main = evaluation.models.first { $0.name == evaluation.recipe } ?? evaluation.models.last!
    let others = evaluation.models.filter { $0.name != main.name }
    return [
      .element("h3", [:], [.name(main.name)]), pages(of: main, evaluation),
      .group(
        others.map { .details("The same of \u{201C}\($0.name)\u{201D}", [pages(of: $0, evaluation)]) }),
    ]
  }

  private func pages(of model: ReportedEvaluation.Model, _ evaluation: ReportedEvaluation) -> HTML {
    .element(
      "div", class: "columns",
      [
        .group([classTable(model, evaluation)]), .group([confusion(model, evaluation)]),
        .group([areas(model, evaluation)]),
      ])
  }

  private func classTable(_ model: ReportedEvaluation.Model, _ evaluation: ReportedEvaluation) -> HTML {
    let figures = ["IoU", "AP", "F1", "precision", "recall"].filter { name in
      model.classes.values.contains { $0[name] != nil }
    }
    return PageTable(
      caption: "Scores of each class",
      columns: [.init("Class")] + figures.map { .init($0, isNumber: true) },
      rows: evaluation.classes.filter { model.classes[$0] != nil }.map { name in
        [.init([.swatch(colors[name]), .text(name)])]
          + figures.map { .init(number: model.classes[name]?[$0], ShownNumber.score) }
      }
    ).html
  }

  private func areas(_ model: ReportedEvaluation.Model, _ evaluation: ReportedEvaluation) -> HTML {
    let known = evaluation.classes.compactMap { name in model.areas[name].map { (name, $0) } }
    guard let unit = known.first?.1.unit else { return .nothing }
    return PageTable(
      caption:
        "Area within the labels' bounding box in \(unit), corrected for the map's errors, with 95 % interval",
      columns: [.init("Class"), .init("Mapped", isNumber: true), .init("Corrected", isNumber: true)],
      rows: known.map { name, area in
        [
          .init([.swatch(colors[name]), .text(name)]), .init(number: area.mapped, ShownNumber.measure),
          .init(.text("\(ShownNumber.measure(area.value)) \u{00B1} \(ShownNumber.measure(area.margin))")),
        ]
      }
    ).html
  }

  /// The confusion matrix, each cell the darker the larger its share of the row.
  private func confusion(_ model: ReportedEvaluation.Model, _ evaluation: ReportedEvaluation) -> HTML {
    let count = evaluation.classes.count
    guard model.confusion.count == count, count > 0, count <= 30,
      model.confusion.allSatisfy({ $0.count == count })
    else { return .nothing }
    let head = HTML.element(
      "thead", [:],
      [
        .element(
          "tr", [:],
          [.element("th", ["scope": "col"], ["labels \u{2193} map \u{2192}"])]
            + evaluation.classes.map { .element("th", ["scope": "col"], [.text($0)]) })
      ])
    let rows = zip(evaluation.classes, model.confusion).map { name, row -> HTML in
      let total = max(1, row.reduce(0) { $0 + Double($1) })
      return .element(
        "tr", [:],
        [.element("th", ["scope": "row"], [.text(name)])]
          + row.map { cell in
            let share = Double(cell) / total
            return .element(
              "td",
              [
                "style": Self.heat(share),
                "title": "\(ShownNumber.decimal(Double(cell))) of \(ShownNumber.decimal(total))",
              ],
              [.text(share == 0 ? "\u{00B7}" : ShownNumber.decimal(100 * share, share < 0.095 ? 1 : 0))])
          })
    }
    return .element(
      "div", ["class": "scroll", "role": "region", "aria-label": "Confusion matrix", "tabindex": "0"],
      [
        .element(
          "table", class: "heat",
          [
            .element(
              "caption", [:],
              ["Confusion: of the labels of each class, the percentage that the map shows as each"]),
            head, .element("tbody", [:], rows),
          ])
      ])
  }

  private static func heat(_ share: Double) -> String {
    // Up to 55 % of the hue, so that the ink of either theme stays readable.
    "background:rgba(var(--heat),\(Bars.coordinate(0.55 * share.squareRoot())))"
  }
}
