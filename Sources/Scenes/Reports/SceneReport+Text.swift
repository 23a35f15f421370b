import Foundation
import Host
import Rasters

extension SceneReport: CustomStringConvertible {
  /// Several lines of text, for people.
  public var description: String {
    var lines = [URL(fileURLWithPath: path).lastPathComponent.visibleLine]
    let facts = [
      product, platform.flatMap { product.hasPrefix($0) ? nil : $0 }, version.map { "version \($0)" }, time,
      ground, system, completeness,
      statedCloudShare.map { "\(Self.percent($0)) cloud by its own account" },
    ]
    lines.append("  " + facts.compactMap(\.self).joined(separator: ", ").visibleLine)
    lines.append("  sensor    \(sensor): \(rules.joined(separator: "; "))\(source)".visibleLine)
    for (metres, names) in sizes { lines.append("  \(metres)\(names.joined(separator: " "))") }
    if !masks.isEmpty {
      let names = masks.map { URL(fileURLWithPath: $0).lastPathComponent }
      lines.append("  mask      \(names.joined(separator: ", ").visibleLine): \(shareWords)")
    }
    if bands.contains(where: { !$0.quantiles.isEmpty }) {
      lines.append(
        "  values    least, 5 %, half, 95 %, most of \(sampledPixels) visible pixels at most, \(unit)")
    }
    for band in bands {
      let values = band.quantiles.map { String(format: "%9.4f", $0) }.joined()
      lines.append("  \(Self.padded(band.name))\(values.isEmpty ? "none visible" : values)")
    }
    lines += placeLines
    return lines.joined(separator: "\n")
  }

  private var completeness: String? {
    guard namedFiles > 0 else { return nil }
    return missingFiles.isEmpty
      ? "complete (\(namedFiles) files)" : "incomplete (\(missingFiles.count) of \(namedFiles) files missing)"
  }

  private var source: String {
    metadata.map { " (\(URL(fileURLWithPath: $0).lastPathComponent))" } ?? ""
  }

  /// The rules of the bands' numbers, those that are alike together.
  private var rules: [String] {
    var alike: [(rule: String, names: [String])] = []
    for band in bands {
      let linear = StoredScaling(scale: band.scale, offset: band.offset).description
      let value = band.squaresWithSign == true ? "x |x|, x = \(linear)" : linear
      var rule = "\(unit) = \(band.decibelsPerDecade.map { "\(Self.number($0)) log10(\(value))" } ?? value)"
      if let value = band.noData { rule += ", \(Self.number(value)) no data" }
      if let value = band.saturated { rule += ", \(Self.number(value)) saturated" }
      if let index = alike.firstIndex(where: { $0.rule == rule }) {
        alike[index].names.append(band.name)
      } else {
        alike.append((rule, [band.name]))
      }
    }
    return alike.map { alike.count == 1 ? $0.rule : "\($0.names.joined(separator: " ")): \($0.rule)" }
  }

  /// The bands by the sizes of their pixels.
  private var sizes: [(metres: String, names: [String])] {
    let sizes = Set(bands.map { $0.metres ?? 0 }).sorted()
    return sizes.map { size in
      (
        Self.padded(size == 0 ? "bands" : "\(Self.number(size)) m"),
        bands.filter { ($0.metres ?? 0) == size }.map(\.name)
      )
    }
  }

  private var shareWords: String {
    let order = ["visible"] + MaskWords.all.map(\.name) + ["no data"]
    return order.compactMap { word in shares[word].map { "\(Self.percent($0)) \(word)" } }
      .joined(separator: ", ")
  }

  private var placeLines: [String] {
    guard bands.contains(where: { $0.place != nil }) else { return [] }
    return ["  at        column, row, stored, \(unit)"]
      + bands.compactMap { band in
        band.place.map { place in
          let physical = place.physical.map { String(format: "%.6f", $0) } ?? "no measurement"
          return
            "  \(Self.padded(band.name))\(place.column), \(place.row), \(Self.number(place.stored)), \(physical)"
        }
      } + ["  the mask  \(hiddenFor.map { "hides it: \($0)" } ?? "hides nothing there")"]
  }

  private static func padded(_ name: String) -> String {
    name.count < 10 ? name + String(repeating: " ", count: 10 - name.count) : name + " "
  }

  private static func percent(_ share: Double) -> String {
    let percent = share * 100
    return (percent >= 1 || percent == 0 ? String(format: "%.0f", percent) : String(format: "%.2g", percent))
      + " %"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
