import Foundation
import Products

/// Curves over time in the colours of the page.
struct Curves {
  /// A curve.
  struct Series {
    let name, color: String
    let points: [Point]
  }

  /// A value on a date.
  struct Point {
    let date: Date
    let value: Double
    /// Whether it is no part of the course: it is drawn hollow, and the curve passes it by.
    var isAside = false
  }

  /// What the curves are, for those who cannot see them.
  let title: String
  let unit: String
  let series: [Series]

  private static let (width, height) = (560.0, 240.0)
  private static let (left, right, top, bottom) = (58.0, 12.0, 12.0, 26.0)

  var html: HTML {
    let points = series.flatMap(\.points)
    guard let first = points.map(\.date).min(), let last = points.map(\.date).max(), first < last else {
      return .nothing
    }
    let axis = ChartAxis(points.map(\.value) + [0])
    let span = last.timeIntervalSince(first)
    func x(_ date: Date) -> Double {
      Self.left + date.timeIntervalSince(first) / span * (Self.width - Self.left - Self.right)
    }
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom - axis.share(value) * (Self.height - Self.top - Self.bottom)
    }
    let grid = axis.ticks.map { tick -> HTML in
      [
        Self.line(Self.left, Self.width - Self.right, y(tick), "grid"),
        Self.label(axis.text(tick), Self.left - 8, y(tick) + 4, "end"),
      ]
    }
    let dates = Array(Set(points.map(\.date))).sorted()
    let ends = [
      Self.label(Self.day(dates[0]), Self.left, Self.height - 6, "start"),
      Self.label(Self.day(dates[dates.count - 1]), Self.width - Self.right, Self.height - 6, "end"),
    ]
    let curves = series.map { series -> HTML in
      let sorted = series.points.sorted { $0.date < $1.date }
      let places = sorted.filter { !$0.isAside }
        .map { "\(Bars.coordinate(x($0.date))),\(Bars.coordinate(y($0.value)))" }
      let dots = sorted.count > 60 ? sorted.filter(\.isAside) : sorted
      return [
        .element("polyline", ["points": places.joined(separator: " "), "stroke": series.color]),
        .group(
          dots.map {
            .element(
              "circle",
              [
                "cx": Bars.coordinate(x($0.date)), "cy": Bars.coordinate(y($0.value)), "r": "3",
                "fill": $0.isAside ? "none" : series.color, "stroke": series.color,
              ],
              [
                .element(
                  "title", [:],
                  [.text("\(series.name), \(Self.day($0.date)): \(ShownNumber.measure($0.value)) \(unit)")])
              ])
          }),
      ]
    }
    return Self.frame(
      title: "\(title), \(unit)", width: Self.width, height: Self.height, grid + ends + curves)
  }

  static func frame(title: String, width: Double, height: Double, _ content: [HTML]) -> HTML {
    .element(
      "svg",
      [
        "class": "curve", "viewBox": "0 0 \(Bars.coordinate(width)) \(Bars.coordinate(height))",
        "role": "img",
        "aria-label": title,
      ], content)
  }

  static func line(_ from: Double, _ to: Double, _ y: Double, _ kind: String) -> HTML {
    .element(
      "line",
      [
        "x1": Bars.coordinate(from), "x2": Bars.coordinate(to), "y1": Bars.coordinate(y),
        "y2": Bars.coordinate(y), "class": kind,
      ])
  }

  static func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
    .element(
      "text", ["x": Bars.coordinate(x), "y": Bars.coordinate(y), "text-anchor": anchor], [.text(text)])
  }

  /// Returns a day: `2026-07-04`.
  static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}

/// A bar for each run, in the colour of how it ended.
struct RunBars {
  /// A bar.
  struct Bar {
    /// What it is of, with its number.
    let words: String
    let value: Double
    let tone: Tone
  }

  let title: String
  let bars: [Bar]
  /// Spells a mark of the axis.
  let mark: (Double) -> String

  private static let (width, height) = (560.0, 180.0)
  private static let (left, right, top, bottom) = (58.0, 4.0, 12.0, 8.0)

  var html: HTML {
    guard !bars.isEmpty else { return .nothing }
    let axis = ChartAxis(bars.map(\.value) + [0])
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom - axis.share(value) * (Self.height - Self.top - Self.bottom)
    }
    let grid = axis.ticks.map { tick -> HTML in
      [
        Curves.line(Self.left, Self.width - Self.right, y(tick), "grid"),
        Curves.label(mark(tick), Self.left - 8, y(tick) + 4, "end"),
      ]
    }
    let step = (Self.width - Self.left - Self.right) / Double(bars.count)
    let width = min(step * 0.72, 26)
    let shown = bars.enumerated().map { index, bar -> HTML in
      // What took no time to speak of is still a run.
      let height = max(1.5, y(0) - y(bar.value))
      return .element(
        "rect",
        [
          "class": bar.tone == .wait ? "plain" : bar.tone.rawValue,
          "x": Bars.coordinate(Self.left + (Double(index) + 0.5) * step - width / 2),
          "y": Bars.coordinate(y(0) - height), "width": Bars.coordinate(width),
          "height": Bars.coordinate(height), "rx": "1.5",
        ], [.element("title", [:], [.text(bar.words)])])
    }
    return Curves.frame(title: title, width: Self.width, height: Self.height, grid + shown)
  }
}
