import Foundation
import Runs
import Settings

/// The page over many runs of one output directory.
package struct NightsPage {
  private let name: String
  private let runs: [RecordedRun]
  private let unreadable: [RunHistory.Unreadable]
  private let products: [ReportedProduct]
  private let settings: JSONValue?

  /// Creates a page from what is known of runs, the newest last.
  ///
  /// - Parameters:
  ///   - name: the output directory.
  ///   - products: the newest state of each product.
  package init(
    name: String, runs: [RecordedRun], unreadable: [RunHistory.Unreadable] = [],
    products: [ReportedProduct] = [], settings: JSONValue? = nil
  ) {
    (self.name, self.runs, self.unreadable) = (name, runs, unreadable)
    (self.products, self.settings) = (products, settings)
  }

  /// Reads the newest state of each product that the runs know.
  package init(reading history: RunHistory, below output: URL) {
    var products: [ReportedProduct] = []
    var seen: Set<String> = []
    for run in history.runs.reversed() {
      let new = ReportedProduct.all(of: run, below: output, besides: seen)
      seen.formUnion(new.map(\.directory))
      products += new
    }
    self.init(
      name: output.standardizedFileURL.path, runs: history.runs, unreadable: history.unreadable,
      products: products, settings: history.runs.last?.settings)
  }

  /// The page.
  package var page: HTMLPage {
    let colors = ClassColors(settings)
    let all: [(id: String, title: String, html: HTML)] = [
      ("failures", "What failed", FailuresOverRuns(runs: runs).html),
      ("areas", "Areas over time", AreasOverTime(products: products, colors: colors).html),
      ("cost", "Time and memory", CostSection(runs: runs).html),
      ("runs", "Runs", RunsSection(runs: runs, unreadable: unreadable).html),
    ]
    let shown = all.filter { !$0.html.isEmpty }
    return HTMLPage(
      title: "Runs below \(name)",
      body: [
        header(shown.map { ($0.id, $0.title) }), .element("main", [:], shown.map(\.html)),
        .element(
          "footer", [:],
          [
            .text(
              "Written by terrane \(runs.last?.versions["terrane"] ?? ""). One file; nothing is loaded from elsewhere."
            )
          ]),
      ])
  }

  private func header(_ sections: [(id: String, title: String)]) -> HTML {
    let names = Set(runs.map(\.name)).sorted()
    let span = [runs.first?.began, runs.last?.began].compactMap { $0.map(ShownNumber.moment) }
    return .element(
      "header", [:],
      [
        .element("p", class: "over", ["terrane \u{00B7} many runs"]),
        .element("h1", [:], names.isEmpty ? ["No run"] : [.name(names.joined(separator: ", "))]),
        .element("p", class: "lead", [.text(lead)]),
        .facts(
          (span.count == 2 ? [("From", .text(span[0])), ("To", .text(span[1]))] : [])
            + [("Output directory", ScenesSections.path(name))]), tiles, .navigation(sections),
      ])
  }

  private var lead: String {
    guard let last = runs.last else { return "There is no run below this directory." }
    return "The newest run: \(Outcome(of: last).sentence)"
  }

  private var tiles: HTML {
    // What a run that broke off has published its record does not say.
    let broken = runs.count { if case .brokenOff = $0.state { true } else { false } }
    let endings = runs.reduce(into: [Tone: Int]()) { $0[RunsSection.tone(of: $1), default: 0] += 1 }
    let tasks = runs.reduce(0) { $0 + ($1.counts[.done] ?? 0) }
    let tiles: [(count: Int, words: String, tone: Tone)] = [
      (runs.count, runs.count == 1 ? "run" : "runs", .plain),
      (endings[.good, default: 0], "without failure", .good),
      (endings[.warn, default: 0], "with failures, or cut short", .warn),
      (endings[.bad, default: 0] - broken, "without a product", .bad), (broken, "broken off", .bad),
      (endings[.wait, default: 0], "running or killed", .wait), (tasks, "tasks carried out", .plain),
      (products.count, products.count == 1 ? "product" : "products", .plain),
    ]
    return .tiles(tiles.filter { $0.count > 0 || $0.tone == .good }, label: "The runs in numbers")
  }
}
