import Foundation
import Products
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts")
struct LineChartTests {
  private func parsed(_ chart: LineChart) -> Bool {
    XMLParser(data: Data(chart.svg.utf8)).parse()
  }

  @Test("A chart is well-formed, whatever the names and values", arguments: [0, 1, 2, 50])
  func wellFormed(count: Int) {
    let points = (0..<count).map { LineChart.Point(x: Double($0), y: $0 == 1 ? .nan : Double($0 * $0) / 1e3) }
    let chart = LineChart(
      xTitle: "pass",
      panels: [.init(title: "loss < 1 & \"more\"", series: [.init(name: "a<b", points: points)])])
    #expect(parsed(chart))
    #expect(!chart.svg.contains("nan") && chart.svg.contains("a&lt;b") == (count > 0))
  }

  @Test("Curves keep to the frame, intervals included, and higher is up")
  func frame() {
    let points = [(1.0, 0.2), (2, 0.8)].map { LineChart.Point(x: $0, y: $1, interval: $1 - 0.1...$1 + 0.1) }
    let svg = LineChart(xTitle: "x", panels: [.init(title: "t", series: [.init(name: "s", points: points)])])
      .svg
    let line = svg.split(separator: "\n").first { $0.hasPrefix("<polyline") }!
    let numbers = line.split(whereSeparator: { !$0.isNumber && $0 != "." }).compactMap { Double($0) }
    #expect(numbers[0] >= 58 && numbers[2] <= 406 && numbers[0] < numbers[2])
    #expect(numbers[1] > numbers[3] && numbers[3] >= 34 && numbers[1] <= 236)
  }
}
