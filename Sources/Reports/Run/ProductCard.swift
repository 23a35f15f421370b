import Host
import Products
import Runs
import Settings

/// A product on a page: its pictures side by side, the legend, and what it holds in numbers.
struct ProductCard {
  let product: ReportedProduct
  let colors: ClassColors

  /// The card with everything that is known.
  var full: HTML {
    let (words, tone) = product.status.shown
    return .element(
      "article", class: "card",
      [
        .element(
          "header", [:],
          [
            .element("h3", [:], [.name(product.subject)]), .mark(words, tone: tone.rawValue),
            .element("p", [:], [.text(product.days ?? "day not known")]),
          ]),
        pictures(isWide: true),
        .element("div", class: "columns", [.group([areas, change]), figures]),
        warnings,
      ])
  }

  /// The card with two small pictures: one of many.
  var compact: HTML {
    .element(
      "article", class: "card",
      [
        .element(
          "header", [:],
          [.element("h3", [:], [.name(product.subject)]), .element("p", [:], [.text(product.days ?? "")])]),
        pictures(isWide: false), shares(isThin: true),
      ])
  }

  // MARK: - Pictures

  private func pictures(isWide: Bool) -> HTML {
    guard let shown = product.pictures else { return .nothing }
    let sheets = shown.pictures.filter { $0.kind == .comparison }
    let others = shown.pictures.filter { $0.kind != .comparison }
    let problems = shown.problems.map { HTML.element("p", class: "note", ["not drawn: \($0)"]) }
    return [
      sheets.isEmpty
        ? .nothing : .element("div", class: "pictures wide", sheets.map { figure($0, isWide: isWide) }),
      others.isEmpty
        ? .nothing : .element("div", class: "pictures", others.map { figure($0, isWide: isWide) }),
      isWide ? legend(shown) : .nothing, .group(problems),
    ]
  }

  private func figure(_ picture: ProductPictures.Picture, isWide: Bool) -> HTML {
    let isTiny = picture.width < 128 && picture.kind == .map
    let size = ["\(picture.width)", "\(picture.height)"]
    let image = HTML.picture(
      picture.data, alt: alternative(to: picture),
      [
        "class": isTiny ? "pixels" : "smooth", "width": size[0], "height": size[1], "loading": "lazy",
        "decoding": "async",
      ])
    guard isWide else { return .element("figure", [:], [image]) }
    let caption = HTML.element("span", [:], [.text(picture.caption)])
    guard picture.kind == .map, let scale = product.pictures?.scale else {
      return .element("figure", [:], [image, .element("figcaption", [:], [caption])])
    }
    let bar = HTML.element("i", ["style": "width:\(Bars.coordinate(100 * scale.share))%"])
    let length = HTML.element("span", [:], [.text(scale.words)])
    return .element("figure", [:], [image, .element("figcaption", class: "scale", [caption, bar, length])])
  }

  /// What stands for a picture where it cannot be seen.
  private func alternative(to picture: ProductPictures.Picture) -> String {
    switch picture.kind {
    case .scene: return "\(product.subject): \(picture.caption)"
    case .comparison: return "\(product.subject): before, after and what changed, side by side"
    case .confidence:
      let mean = product.pictures?.confidence.map { ", on average \(ShownNumber.percent($0, 0))" } ?? ""
      return "Confidence of the map of \(product.subject)\(mean)"
    case .map:
      let largest = product.areas.sorted { $0.share > $1.share }.prefix(3)
      let words = largest.map { "\($0.name) \(ShownNumber.percent($0.share, 0))" }.joined(separator: ", ")
      return "Map of \(product.subject)" + (words.isEmpty ? "" : ": \(words)")
    }
  }

  private func legend(_ shown: ProductPictures) -> HTML {
    guard !shown.legend.isEmpty else { return .nothing }
    return .element(
      "ul", ["class": "legend", "aria-label": "Legend"],
      shown.legend.map { entry in
        .element("li", [:], [.swatch(entry.color), .text(entry.name)])
      })
  }

  // MARK: - Numbers

  private func color(of name: String) -> String {
    product.pictures?.legend.first { $0.name == name }?.color ?? colors[name]
  }

  /// The shares of the classes, or of what changed, as one bar.
  func shares(isThin: Bool) -> HTML {
    if let change = product.change, product.areas.isEmpty {
      return .element(
        "p", class: "note",
        [
          "\(ShownNumber.measure(change.changed)) \(change.unit) changed (\(ShownNumber.percent(change.share)))"
        ])
    }
    guard !product.areas.isEmpty else { return .nothing }
    return Bars.stack(
      product.areas.map { .init(name: $0.name, color: color(of: $0.name), share: $0.share) }, isThin: isThin)
  }

  private var areas: HTML {
    let areas = product.areas
    let inHectares = areas.contains { $0.hectares != nil }
    let table = PageTable(
      caption: "Area of each class",
      columns: [.init("Class"), .init("Share"), .init("", isNumber: true)]
        + (inHectares ? [.init("Hectares", isNumber: true)] : []),
      rows: areas.map { area in
        [
          .init([.swatch(color(of: area.name)), .text(area.name)]),
          .init(Bars.bar(area.share, color: color(of: area.name))),
          .init(number: area.share) { ShownNumber.percent($0) },
        ] + (inHectares ? [.init(number: area.hectares, ShownNumber.measure)] : [])
      }
    ).html
    return table.isEmpty ? .nothing : .element("div", class: "shares", [table])
  }

  private var change: HTML {
    guard let change = product.change else { return .nothing }
    let words =
      "\(ShownNumber.measure(change.changed)) of \(ShownNumber.measure(change.observed)) \(change.unit) changed "
      + "(\(ShownNumber.percent(change.share)))."
    let table = PageTable(
      caption: "The largest changes from class to class",
      columns: [
        .init("From"), .init("To"), .init(change.unit == "ha" ? "Hectares" : "Pixels", isNumber: true),
      ],
      rows: change.transitions.prefix(8).map {
        [
          .init([.swatch(color(of: $0.from)), .text($0.from)]),
          .init([.swatch(color(of: $0.to)), .text($0.to)]),
          .init(number: $0.area, ShownNumber.measure),
        ]
      })
    return [.element("p", [:], [.text(words)]), table.html]
  }

  /// Everything else that was found about it: each figure under its own title.
  private var figures: HTML {
    let found = product.findings
    var rows: [[PageTable.Cell]] = []
    if let share = found[.validShare]?.number {
      rows.append(["Valid pixels", .init(.text(ShownNumber.percent(share)))])
    }
    if let mean = product.pictures?.confidence {
      rows.append(["Mean confidence", .init(.text(ShownNumber.percent(mean, 0)))])
    }
    if let drift = found[.drift]?.number {
      rows.append([
        "Distance from the training data", .init(.text("\(ShownNumber.measure(drift)) deviations")),
      ])
    }
    for row in found[.observed]?.table?.rows ?? [] {
      guard let word = row["pixels"]?.text, let share = row["share"]?.double else { continue }
      rows.append([
        "\(word == "clear" ? "Clear" : "Hidden or left out: \(word)")",
        .init(.text(ShownNumber.percent(share))),
      ])
    }
    for finding in found where Self.isShownAlone(finding) {
      if let number = finding.number {
        let unit = finding.unit.map { " \($0)" } ?? ""
        rows.append([
          .init(.text(Self.capital(finding.title))), .init(.text(ShownNumber.figure(number) + unit)),
        ])
      } else if let text = finding.text {
        rows.append([.init(.text(Self.capital(finding.title))), .init(.text(text.shortened(to: 120)))])
      }
    }
    if product.status == .done {
      rows.append(["Time in this run", .init(.text(ShownNumber.duration(product.seconds)))])
    }
    return PageTable(caption: "What is known of it", columns: [.init("Figure"), .init("Value")], rows: rows)
      .html
  }

  private static let shownElsewhere: Set<String> = Set(
    [
      FindingKey.validShare, .drift, .changedPixels, .changedHectares, .observedPixels, .observedHectares,
      .report,
      .modelSHA256,
    ].map(\.name))

  private static func isShownAlone(_ finding: Finding) -> Bool { !shownElsewhere.contains(finding.key) }

  private static func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private var warnings: HTML {
    guard !product.warnings.isEmpty else { return .nothing }
    return [
      .element("h4", [:], ["To be known"]),
      .element("ul", [:], product.warnings.map { .element("li", [:], [.text($0)]) }),
    ]
  }
}

extension HTML {
  /// Creates the mark of a class in a legend.
  static func swatch(_ color: String) -> HTML {
    .element("span", ["class": "swatch", "style": "background:\(color)", "aria-hidden": "true"])
  }
}
