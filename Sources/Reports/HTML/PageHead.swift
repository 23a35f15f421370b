/// Parts of the heads of pages.
extension HTML {
  /// Creates numbers that say the most at a glance.
  static func tiles(_ tiles: [(count: Int, words: String, tone: Tone)], label: String) -> HTML {
    .element(
      "ul", ["class": "tiles", "aria-label": label],
      tiles.map { count, words, tone in
        .element(
          "li", ["class": count > 0 ? tone.rawValue : "plain"],
          [.element("b", [:], [.text(ShownNumber.decimal(Double(count)))]), .text(words)])
      })
  }

  /// Creates the list of the sections of a page; nothing for a single one.
  static func navigation(_ sections: [(id: String, title: String)]) -> HTML {
    guard sections.count > 1 else { return .nothing }
    return .element(
      "nav", ["aria-label": "Sections"],
      [
        .element(
          "ul", [:],
          sections.map { id, title in
            .element("li", [:], [.element("a", ["href": "#\(id)"], [.text(title)])])
          })
      ])
  }
}
