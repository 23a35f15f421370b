/// Small charts that stand in a line or a cell of a table.
enum Bars {
  /// A part of a whole.
  struct Part {
    let name, color: String
    /// 0 to 1.
    let share: Double
  }

  /// Draws the parts of a whole, side by side; a screen reader reads their names and shares.
  static func stack(_ parts: [Part], isThin: Bool = false) -> HTML {
    var left = 0.0
    let shown = parts.filter { $0.share > 0 }
    let pieces = shown.map { part -> HTML in
      defer { left += part.share }
      return .element(
        "rect",
        [
          "x": coordinate(100 * left), "y": "0", "width": coordinate(100 * part.share), "height": "1",
          "fill": part.color,
        ], [.element("title", [:], [.text("\(part.name): \(ShownNumber.percent(part.share))")])])
    }
    let words = shown.map { "\($0.name) \(ShownNumber.percent($0.share))" }.joined(separator: ", ")
    return .element(
      "svg",
      [
        "class": isThin ? "stack thin" : "stack", "viewBox": "0 0 100 1", "preserveAspectRatio": "none",
        "role": "img", "aria-label": words,
      ], pieces)
  }

  /// Draws a share of a whole; the number stands beside it, so that a screen reader passes over it.
  static func bar(_ share: Double, color: String? = nil) -> HTML {
    let width = coordinate(100 * max(0, min(1, share)))
    return .element(
      "svg",
      ["class": "bar", "viewBox": "0 0 100 1", "preserveAspectRatio": "none", "aria-hidden": "true"],
      [
        .element("rect", ["class": "under", "width": "100", "height": "1"]),
        .element(
          "rect",
          color.map { ["fill": $0, "width": width, "height": "1"] }
            ?? ["class": "fill", "width": width, "height": "1"]),
      ])
  }

  /// Returns a coordinate with three decimals at most.
  static func coordinate(_ value: Double) -> String {
    value.isFinite ? "\((value * 1000).rounded() / 1000)" : "0"
  }
}
