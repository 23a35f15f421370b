import Foundation

/// Clouds of points as an SVG picture: panels side by side, each with axes of its own.
///
/// The same points give the same bytes. Colours are those of ``LineChart``.
package struct ScatterChart {
  /// Points of one colour, and their name.
  package struct Series {
    package var name: String
    package var points: [(x: Double, y: Double)]

    package init(name: String, points: [(x: Double, y: Double)]) { (self.name, self.points) = (name, points) }
  }

  /// Clouds on one plane.
  package struct Panel {
    package var title: String
    /// A smaller line below the title.
    package var subtitle: String
    package var xTitle, yTitle: String
    package var series: [Series]

    package init(title: String, subtitle: String, xTitle: String, yTitle: String, series: [Series]) {
      (self.title, self.subtitle, self.series) = (title, subtitle, series)
      (self.xTitle, self.yTitle) = (xTitle, yTitle)
    }
  }

  package var panels: [Panel]

  package init(panels: [Panel]) { self.panels = panels }

  private static let (width, height) = (400.0, 400.0)
  private static let (left, right, top, bottom) = (32.0, 16.0, 64.0, 36.0)

  /// The picture.
  package var svg: String {
    let width = LineChart.text(Self.width * Double(max(1, panels.count)))
    let height = LineChart.text(Self.height)
    let body = panels.enumerated().map { index, panel in
      "<g transform=\"translate(\(LineChart.text(Double(index) * Self.width)),0)\">\n\(draw(panel))</g>\n"
    }.joined()
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="sans-serif" font-size="11">
      <rect width="100%" height="100%" fill="white"/>
      \(body)</svg>

      """
  }

  private func draw(_ panel: Panel) -> String {
    var lines = [
      LineChart.label(panel.title, x: Self.left, y: 18, anchor: "start", size: 13),
      LineChart.label(panel.subtitle, x: Self.left, y: 34, anchor: "start"),
    ]
    var x = Self.left
    for (index, series) in panel.series.enumerated() {
      let color = LineChart.color(index)
      lines.append(
        "<circle cx=\"\(LineChart.text(x + 4))\" cy=\"48.0\" r=\"4\" fill=\"\(color)\"/>")
      lines.append(LineChart.label(series.name, x: x + 12, y: 52, anchor: "start", color: color))
      x += 30 + 6.5 * Double(series.name.count)
    }
    let (right, bottom) = (Self.width - Self.right, Self.height - Self.bottom)
    lines.append(
      "<rect x=\"\(LineChart.text(Self.left))\" y=\"\(LineChart.text(Self.top))\" "
        + "width=\"\(LineChart.text(right - Self.left))\" height=\"\(LineChart.text(bottom - Self.top))\" "
        + "fill=\"none\" stroke=\"#bbbbbb\"/>")
    lines.append(
      LineChart.label(panel.xTitle, x: (Self.left + right) / 2, y: Self.height - 14, anchor: "middle"))
    let middle = LineChart.text((Self.top + bottom) / 2)
    lines.append(
      "<g transform=\"translate(18.0,\(middle)) rotate(-90)\">"
        + LineChart.label(panel.yTitle, x: 0, y: 0, anchor: "middle") + "</g>")
    return (lines + dots(panel)).joined(separator: "\n") + "\n"
  }

  /// Returns the points, those of all series in turn, so that none hides the others.
  private func dots(_ panel: Panel) -> [String] {
    let points = panel.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    guard !points.isEmpty else { return [] }
    let xs = Self.range(points.map(\.x)), ys = Self.range(points.map(\.y))
    let longest = panel.series.map(\.points.count).max()!
    return (0..<longest).flatMap { place in
      panel.series.enumerated().compactMap { index, series -> String? in
        guard place < series.points.count else { return nil }
        let point = series.points[place]
        guard point.x.isFinite && point.y.isFinite else { return nil }
        let x = Self.left + (point.x - xs.low) / (xs.high - xs.low) * (Self.width - Self.left - Self.right)
        let height = Self.height - Self.top - Self.bottom
        let y = Self.height - Self.bottom - (point.y - ys.low) / (ys.high - ys.low) * height
        return
          "<circle cx=\"\(LineChart.text(x))\" cy=\"\(LineChart.text(y))\" r=\"2.4\" fill=\"\(LineChart.color(index))\" "
          + "fill-opacity=\"0.55\"/>"
      }
    }
  }

  /// Returns the values' range with a margin of 4 % on both sides.
  private static func range(_ values: [Double]) -> (low: Double, high: Double) {
    let (low, high) = (values.min()!, values.max()!)
    let margin = high > low ? 0.04 * (high - low) : 0.5
    return (low - margin, high + margin)
  }
}
