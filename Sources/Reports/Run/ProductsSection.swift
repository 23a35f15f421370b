import Products
import Runs

/// The products of a run: each with its pictures where there are few, a table and small pictures where there
/// are many.
struct ProductsSection {
  let products: [ReportedProduct]
  let colors: ClassColors

  /// The most products that are shown with everything that is known of them.
  static let mostInFull = 12
  /// The products that were there before, of which pictures are drawn in a run that made fewer: drawing them
  /// anew each night would take longer than finding that there is nothing to do.
  private static let mostOld = 6

  /// Returns the products of which pictures are drawn, and how much of them: those that are new, and some of
  /// the others where there is room.
  static func drawn(_ products: [ReportedProduct]) -> (places: [Int], detail: ProductPainter.Detail) {
    let new = products.indices.filter { products[$0].status == .done }
    let old = products.indices.filter { products[$0].status != .done }
    let places = (new + old.prefix(max(0, mostOld - new.count))).sorted()
    return (places, places.count > mostInFull ? .compact : .full)
  }

  var html: HTML {
    let drawn = products.filter { $0.pictures != nil }
    let shown = drawn.isEmpty ? Array(products.prefix(Self.mostInFull)) : drawn
    let cards = shown.map { ProductCard(product: $0, colors: colors) }
    let isFull = shown.count <= Self.mostInFull
    let pictures: HTML =
      isFull
      ? .group(cards.map(\.full))
      : [
        .element("h3", ["id": "pictures"], ["Pictures"]), .filter("product-pictures", of: cards.count),
        .element("div", ["class": "tiny", "id": "product-pictures"], cards.map(\.compact)),
      ]
    let rest = products.count - shown.count
    return .section(
      "Products", id: "products",
      [
        products.isEmpty ? .nothing : .note(words(rest: rest)),
        products.count > 1 ? table : .nothing, products.count > 1 ? areas : .nothing, pictures,
      ])
  }

  private func words(rest: Int) -> String {
    let new = products.count { $0.status == .done }
    let old = products.count - new
    var words = "\(ShownNumber.count(new, "product is", "products are")) new"
    if old > 0 { words += ", \(ShownNumber.decimal(Double(old))) as before" }
    if rest > 0 { words += "; what is new is shown below" }
    return words + ". Files lie below products/ in the output directory."
  }

  private var table: HTML {
    let hasDrift = products.contains { $0.findings[.drift] != nil }
    let hasConfidence = products.contains { $0.pictures?.confidence != nil }
    let columns: [PageTable.Column] =
      [.init("Product"), .init("Day"), .init("State"), .init("What it shows")]
      + (hasConfidence ? [.init("Confidence", isNumber: true)] : [])
      + (hasDrift ? [.init("Distance from training", isNumber: true)] : []) + [.init("Time", isNumber: true)]
    return PageTable(
      caption: "All products of the run", columns: columns,
      rows: products.map { product in
        let (words, tone) = product.status.shown
        return [
          .init(.name(product.subject), value: product.subject), .init(moment: product.days ?? "\u{2013}"),
          .init(.mark(words, tone: tone.rawValue), value: words),
          .init(ProductCard(product: product, colors: colors).shares(isThin: false), value: "0"),
        ]
          + (hasConfidence
            ? [.init(number: product.pictures?.confidence) { ShownNumber.percent($0, 0) }] : [])
          + (hasDrift ? [.init(number: product.findings[.drift]?.number, ShownNumber.measure)] : [])
          + [.init(number: product.seconds, ShownNumber.duration)]
      }, id: "product-table"
    ).html
  }

  /// Hectares of each class on each map.
  private var areas: HTML {
    let maps = products.filter { !$0.areas.isEmpty }
    var seen: Set<String> = []
    let found = maps.flatMap { $0.areas.map(\.name) }.filter { seen.insert($0).inserted }
    let names = colors.names.filter(seen.contains) + found.filter { !colors.names.contains($0) }
    guard maps.count > 1, names.count <= 24 else { return .nothing }
    let inHectares = maps.allSatisfy { $0.areas.allSatisfy { $0.hectares != nil } }
    let unit = inHectares ? "hectares" : "percent"
    let table = PageTable(
      caption: "Area of each class in \(unit)",
      columns: [.init("Product")] + names.map { .init($0, isNumber: true) },
      rows: maps.map { map in
        let areas = Dictionary(map.areas.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return [.init(.name(map.subject), value: map.subject)]
          + names.map { name in
            .init(number: inHectares ? areas[name]?.hectares : areas[name].map { 100 * $0.share }) {
              ShownNumber.decimal($0, 1)
            }
          }
      }, id: "area-table")
    return .details("Area of each class in \(unit), as a table", [table.html])
  }
}
