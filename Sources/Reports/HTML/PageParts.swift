/// Parts that sections of all pages are made of.
extension HTML {
  /// Creates a section with its heading; nothing where it would be empty.
  static func section(_ title: String, id: String, _ content: [HTML]) -> HTML {
    let shown = content.filter { !$0.isEmpty }
    guard !shown.isEmpty else { return .nothing }
    return .element(
      "section", ["id": id, "aria-labelledby": "\(id)-title"],
      [.element("h2", ["id": "\(id)-title"], [.text(title)])] + shown)
  }

  /// Creates a short word on a coloured ground.
  static func mark(_ words: String, tone: String) -> HTML {
    .element("span", ["class": "mark \(tone)"], [.text(words)])
  }

  /// Creates a list of facts: each with its name.
  static func facts(_ facts: [(name: String, value: HTML)]) -> HTML {
    guard !facts.isEmpty else { return .nothing }
    return .element(
      "dl", ["class": "facts"],
      facts.map { name, value in
        .element("div", [:], [.element("dt", [:], [.text(name)]), .element("dd", [:], [value])])
      })
  }

  /// Creates content that is shown when it is asked for.
  static func details(_ summary: String, _ content: [HTML]) -> HTML {
    .element("details", [:], [.element("summary", [:], [.text(summary)])] + content)
  }

  /// Creates a paragraph of lesser weight.
  static func note(_ words: String) -> HTML { .element("p", class: "note", [.text(words)]) }
}

/// A table of a page.
struct PageTable {
  /// The content of a cell.
  struct Cell {
    var content: HTML
    /// What the row is sorted by; the text itself where nil.
    var value: String?
  }

  /// A column.
  struct Column {
    let title: String
    var isNumber = false

    init(_ title: String, isNumber: Bool = false) { (self.title, self.isNumber) = (title, isNumber) }
  }

  /// What the table shows, for those who cannot see it as a whole.
  let caption: String
  let columns: [Column]
  /// The rows; the first cell of each is its heading.
  let rows: [[Cell]]
  /// The name of the table, where rows can be sorted and filtered.
  var id: String?

  /// The most rows of a table without a field that filters them.
  private static let mostUnfiltered = 15

  /// The table; nothing without a row.
  var html: HTML {
    guard !rows.isEmpty else { return .nothing }
    let head = HTML.element(
      "thead", [:],
      [
        .element(
          "tr", [:],
          columns.map {
            .element(
              "th", $0.isNumber ? ["scope": "col", "class": "number"] : ["scope": "col"], [.text($0.title)])
          })
      ])
    let body = HTML.element(
      "tbody", [:], rows.map { .element("tr", [:], zip($0, columns).enumerated().map(cell)) })
    let sorts = rows.count > 2 && id != nil
    var attributes = sorts ? [HTML.Attribute(name: "data-sorts", value: "")] : []
    if let id { attributes.append(.init(name: "id", value: id)) }
    let table = HTML.element(
      "table", attributes, [.element("caption", [:], [.text(caption)]), head, body])
    // A region that scrolls must be reached by keyboard.
    let frame = HTML.element(
      "div", ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"], [table])
    guard let id, rows.count > Self.mostUnfiltered else { return frame }
    return [.filter(id, of: rows.count), frame]
  }

  private func cell(_ index: Int, _ pair: (Cell, Column)) -> HTML {
    let (cell, column) = pair
    var attributes = index == 0 ? [HTML.Attribute(name: "scope", value: "row")] : []
    if column.isNumber { attributes.append(.init(name: "class", value: "number")) }
    if id != nil, let value = cell.value { attributes.append(.init(name: "data-value", value: value)) }
    return .element(index == 0 ? "th" : "td", attributes, [cell.content])
  }
}

extension PageTable.Cell: ExpressibleByStringInterpolation {
  init(_ content: HTML, value: String? = nil) { (self.content, self.value) = (content, value) }
  init(stringLiteral value: String) { self.init(.text(value)) }

  /// Creates a sentence, which takes some width also where a table is wider than the page.
  init(sentence: String) { self.init(.element("span", class: "long", [.text(sentence)])) }

  /// Creates a moment or a day, on one line.
  init(moment: String, value: String? = nil) {
    self.init(.element("span", class: "key", [.text(moment)]), value: value)
  }

  /// Creates a number; a dash where it is not known.
  init(number: Double?, _ shown: (Double) -> String) {
    self.init(number.map { .text(shown($0)) } ?? "\u{2013}", value: number.map { "\($0)" } ?? "-1")
  }
}

extension HTML {
  /// Creates a field that shows those of a table's rows or a list's items that hold a text; hidden without a
  /// script.
  static func filter(_ id: String, of count: Int) -> HTML {
    .element(
      "p", ["class": "filter", "hidden": "hidden"],
      [
        .element(
          "input",
          [
            "type": "search", "placeholder": "Filter by name or word", "aria-label": "Filter",
            "data-filters": id,
          ]),
        .element("span", ["class": "soft", "aria-live": "polite"], ["\(count) of \(count)"]),
      ])
  }
}
