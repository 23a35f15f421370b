import Foundation

/// Curves as an SVG picture: panels side by side over one horizontal axis.
///
/// The same curves give the same bytes. Colours are told apart by people who do not see red and green (Okabe
/// & Ito 2008).
package struct LineChart {
  /// A place of a curve, with the interval that it may lie in.
  package struct Point {
    package var x, y: Double
    package var interval: ClosedRange<Double>?

    package init(x: Double, y: Double, interval: ClosedRange<Double>? = nil) {
      (self.x, self.y, self.interval) = (x, y, interval)
    }
  }

  /// A curve and its name.
  package struct Series {
    package var name: String
    package var points: [Point]

    package init(name: String, points: [Point]) { (self.name, self.points) = (name, points) }
  }

  /// Curves of one unit.
  package struct Panel {
    package var title: String
    package var series: [Series]

    package init(title: String, series: [Series]) { (self.title, self.series) = (title, series) }
  }

  package var xTitle: String
  package var panels: [Panel]

  package init(xTitle: String, panels: [Panel]) { (self.xTitle, self.panels) = (xTitle, panels) }

  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]

  /// Returns the colour of a series.
  package static func color(_ index: Int) -> String { colors[index % colors.count] }

  private static let (width, height) = (420.0, 280.0)
  private static let (left, right, top, bottom) = (58.0, 14.0, 34.0, 44.0)

  /// The picture.
  package var svg: String {
    let width = Self.width * Double(max(1, panels.count))
    let body = panels.enumerated().map { index, panel in
      "<g transform=\"translate(\(Self.text(Double(index) * Self.width)),0)\">\n\(draw(panel))</g>\n"
    }.joined()
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.text(width))" height="\(Self.text(Self.height))" \
      viewBox="0 0 \(Self.text(width)) \(Self.text(Self.height))" font-family="sans-serif" font-size="11">
      <rect width="100%" height="100%" fill="white"/>
      \(body)</svg>

      """
  }

  private func draw(_ panel: Panel) -> String {
    let points = panel.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    let heading = Self.label(panel.title, x: Self.left, y: 20, anchor: "start", size: 13)
    guard !points.isEmpty else { return heading }
    let xs = ChartAxis(points.map(\.x)),
      ys = ChartAxis(
        points.flatMap { [$0.y, $0.interval?.lowerBound, $0.interval?.upperBound].compactMap(\.self) })
    let frame = Frame(
      x: { Self.left + xs.share($0) * (Self.width - Self.left - Self.right) },
      y: { Self.height - Self.bottom - ys.share($0) * (Self.height - Self.top - Self.bottom) })
    var lines = [heading]
    for tick in ys.ticks {
      let y = Self.text(frame.y(tick))
      lines.append(
        "<line x1=\"\(Self.text(Self.left))\" x2=\"\(Self.text(Self.width - Self.right))\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#dddddd\"/>"
      )
      lines.append(Self.label(ys.text(tick), x: Self.left - 6, y: frame.y(tick) + 4, anchor: "end"))
    }
    for tick in xs.ticks {
      lines.append(
        Self.label(xs.text(tick), x: frame.x(tick), y: Self.height - Self.bottom + 16, anchor: "middle"))
    }
    lines.append(
      Self.label(xTitle, x: (Self.left + Self.width - Self.right) / 2, y: Self.height - 8, anchor: "middle"))
    for (index, series) in panel.series.enumerated() {
      let color = Self.color(index)
      lines += curve(series, frame, color)
      if panel.series.count > 1 || !series.name.isEmpty {
        let x = Self.width - Self.right - 4
        lines.append(
          Self.label(series.name, x: x, y: 20 + 13 * Double(index), anchor: "end", color: color))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func curve(_ series: Series, _ frame: Frame, _ color: String) -> [String] {
    let points = series.points.filter { $0.x.isFinite && $0.y.isFinite }
    let path = points.map { "\(Self.text(frame.x($0.x))),\(Self.text(frame.y($0.y)))" }.joined(separator: " ")
    var lines = ["<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.8\"/>"]
    for point in points {
      let (x, y) = (Self.text(frame.x(point.x)), Self.text(frame.y(point.y)))
      if let interval = point.interval {
        let (low, high) = (Self.text(frame.y(interval.lowerBound)), Self.text(frame.y(interval.upperBound)))
        lines.append("<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(low)\" y2=\"\(high)\" stroke=\"\(color)\"/>")
      }
      if points.count <= 40 { lines.append("<circle cx=\"\(x)\" cy=\"\(y)\" r=\"2.2\" fill=\"\(color)\"/>") }
    }
    return lines
  }

  private struct Frame {
    package let x, y: (Double) -> Double
  }

  package static func text(_ value: Double) -> String { String(format: "%.1f", value) }

  package static func label(
    _ words: String, x: Double, y: Double, anchor: String, size: Int = 11, color: String = "#333333"
  ) -> String {
    let safe = words.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return
      "<text x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" fill=\"\(color)\">\(safe)</text>"
  }
}
