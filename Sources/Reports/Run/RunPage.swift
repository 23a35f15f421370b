import Foundation
import Numerics
import Runs
import Settings

/// The page of one run: `report.html`.
package struct RunPage {
  private let run: RecordedRun
  private let settings: JSONValue?
  private let products: [ReportedProduct]
  private let models: [ReportedModel]

  /// Creates a page from what is known of a run.
  package init(
    _ run: RecordedRun, settings: JSONValue? = nil, products: [ReportedProduct] = [],
    models: [ReportedModel] = []
  ) {
    (self.run, self.settings, self.products, self.models) = (run, settings, products, models)
  }

  /// Reads what a run left, and draws the pictures of its products.
  ///
  /// - Parameters:
  ///   - output: the output directory.
  ///   - draws: whether pictures are drawn, which takes the longest.
  package init(reading run: RecordedRun, below output: URL, draws: Bool = true) {
    var products = ReportedProduct.all(of: run, below: output)
    if draws {
      let (places, detail) = ProductsSection.drawn(products)
      let painter = ProductPainter(output: output, detail: detail)
      for (place, drawn) in zip(places, painter.draw(places.map { products[$0] })) { products[place] = drawn }
    }
    self.init(
      run, settings: run.settings, products: products, models: ReportedModel.all(of: run, below: output))
  }

  /// The page.
  package var page: HTMLPage {
    let colors = ClassColors(settings)
    let scored = models.filter { $0.evaluation != nil }
    let scenes = ScenesSections(run: run)
    let all: [(id: String, title: String, html: HTML)] = [
      ("failures", "What failed", scenes.failures),
      ("products", "Products", ProductsSection(products: products, colors: colors).html),
      (
        "scores", "Scores",
        ScoresSection(
          evaluations: scored.compactMap(\.evaluation), colors: colors,
          charts: scored.map(ModelsSection.charts)
        ).html
      ),
      ("models", "Models", ModelsSection(models: models).html),
      ("waiting", "Arriving and left out", scenes.scenes),
      ("notes", "Notes", NotesSection(run: run).html),
      ("stages", "Stages", StagesSection(run: run).html),
      ("provenance", "Settings and provenance", ProvenanceSection(run: run, settings: settings).html),
    ]
    let shown = all.filter { !$0.html.isEmpty }
    let header = RunHeader(run: run, sections: shown.map { ($0.id, $0.title) })
    return HTMLPage(
      title: "\(run.name.isEmpty ? "Run" : run.name), \(run.began.map(ShownNumber.moment) ?? run.id)",
      body: [
        header.html, .element("main", [:], shown.map(\.html)),
        .element(
          "footer", [:],
          [
            .text(
              "Written by terrane \(run.versions["terrane"] ?? ""). One file; nothing is loaded from elsewhere."
            )
          ]),
      ])
  }
}
