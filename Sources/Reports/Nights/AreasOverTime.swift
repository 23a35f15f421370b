import Foundation

/// How the classes of each piece of ground went over the dates of its scenes.
struct AreasOverTime {
  let products: [ReportedProduct]
  let colors: ClassColors

  /// Products of one ground with their dates, in their order.
  private struct Ground {
    let products: [(product: ReportedProduct, date: Date)]

    /// The least share of the scene that a date shows to be part of a curve: what clouds hide has no class,
    /// and areas would change with them.
    let leastSeen: Double

    init(_ products: [(product: ReportedProduct, date: Date)]) {
      self.products = products
      leastSeen = 0.9 * (products.compactMap(\.product.seen).max() ?? 0)
    }

    /// Returns whether a date shows too little to be held against the others.
    func isHidden(_ product: ReportedProduct) -> Bool { product.seen.map { $0 < leastSeen } ?? false }
  }

  /// The most pieces of ground that are drawn.
  private static let most = 60

  var html: HTML {
    let grounds = grounds
    let charts = grounds.prefix(Self.most).map(chart)
    let rest = grounds.count - charts.count
    let curves: HTML = [
      .note(
        "The area of each class by the date of the scene, of ground that several scenes show on one grid. "
          + "The newest state of each product counts. Areas are of what is seen: a date that shows less than "
          + "nine tenths of what the best one of the ground does is drawn hollow, beside the curve."),
      .element("div", class: "columns", charts),
      rest > 0 ? .note("And \(rest) more pieces of ground.") : .nothing,
    ]
    return .section("Areas over time", id: "areas", [charts.isEmpty ? .nothing : curves, changes])
  }

  private var grounds: [Ground] {
    var order: [String] = []
    var groups: [String: [(product: ReportedProduct, date: Date)]] = [:]
    for product in products where !product.areas.isEmpty {
      guard let item = product.item, let ground = item.ground, item.days.first == item.days.last,
        let date = Self.date(item.days.first)
      else { continue }
      if groups[ground] == nil { order.append(ground) }
      groups[ground, default: []].append((product, date))
    }
    return order.map { Ground(groups[$0]!.sorted { $0.date < $1.date }) }
      .filter { Set($0.products.map(\.date)).count > 1 }
  }

  private static func date(_ day: String) -> Date? { try? Date("\(day)T00:00:00Z", strategy: .iso8601) }

  private func chart(_ ground: Ground) -> HTML {
    let inHectares = ground.products.allSatisfy { $0.product.areas.allSatisfy { $0.hectares != nil } }
    var seen: Set<String> = []
    let names = ground.products.flatMap { $0.product.areas.map(\.name) }.filter { seen.insert($0).inserted }
    let series = names.map { name in
      Curves.Series(
        name: name, color: colors[name],
        points: ground.products.compactMap { product, date in
          product.areas.first { $0.name == name }.map {
            .init(
              date: date, value: inHectares ? $0.hectares! : 100 * $0.share,
              isAside: ground.isHidden(product))
          }
        })
    }
    let newest = ground.products.last!.product.subject
    let hidden = ground.products.count { ground.isHidden($0.product) }
    let words =
      "\(ground.products.count) dates, \(inHectares ? "hectares" : "percent")"
      + (hidden > 0 ? "; \(hidden) drawn hollow" : "")
    return .element(
      "article", class: "card",
      [
        .element(
          "header", [:],
          [
            .element("h3", [:], ["Ground of ", .name(newest)]),
            .element("p", [:], [.text(words)]),
          ]),
        Curves(
          title: "Areas of the classes, ground of \(newest)", unit: inHectares ? "ha" : "%", series: series
        ).html,
        .element(
          "ul", ["class": "legend"],
          names.map { .element("li", [:], [.swatch(colors[$0]), .text($0)]) }),
        table(ground, names, inHectares),
      ])
  }

  private func table(_ ground: Ground, _ names: [String], _ inHectares: Bool) -> HTML {
    let unit = inHectares ? "hectares" : "percent"
    let table = PageTable(
      caption: "Area of each class in \(unit), of the share of the scene that is seen",
      columns: [.init("Date"), .init("Seen", isNumber: true)] + names.map { .init($0, isNumber: true) },
      rows: ground.products.map { product, date in
        [
          .init(moment: Curves.day(date)), .init(number: product.seen) { ShownNumber.percent($0) },
        ]
          + names.map { name in
            let area = product.areas.first { $0.name == name }
            return .init(number: inHectares ? area?.hectares : area.map { 100 * $0.share }) {
              ShownNumber.decimal($0, 1)
            }
          }
      })
    return .details("As a table", [table.html])
  }

  /// What comparisons found.
  private var changes: HTML {
    PageTable(
      caption: "What changed between dates",
      columns: [
        .init("Comparison"), .init("Dates"), .init("Changed", isNumber: true),
        .init("Of what was observed", isNumber: true),
      ],
      rows: products.compactMap { product in
        product.change.map { change in
          [
            .init(.name(product.subject), value: product.subject), .init(.text(product.days ?? "\u{2013}")),
            .init(number: change.changed) { "\(ShownNumber.measure($0)) \(change.unit)" },
            .init(number: change.share) { ShownNumber.percent($0) },
          ]
        }
      }, id: "change-table"
    ).html
  }
}
