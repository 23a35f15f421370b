import Foundation
import Host

/// The colours that a QGIS style beside a file of labels gives to values: of a raster's palette, or of a
/// vector's categories.
package struct StyledClasses: Sendable, Hashable {
  /// Colours and names by the text of the value.
  package private(set) var entries: [String: Entry] = [:]
  /// The field that the categories of a vector are told apart by.
  package private(set) var field: String?

  /// What the style says of a value.
  package struct Entry: Sendable, Hashable {
    /// The value's name; nil where the style has none.
    package let label: String?
    /// The value's colour.
    package let color: Color
  }

  /// Bytes of the largest style that is read.
  private static let largest = 4 << 20

  /// Reads the style beside a file, `labels.qml` of `labels.gpkg`; nil where there is none that can be read.
  package init?(beside path: String) {
    let style = URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("qml").path
    guard InputPath.isThere(style),
      (try? InputPath.checkCompanion(style, to: "read the style")) != nil,
      let data = try? RegularFile.contents(of: style, limit: Self.largest),
      // QGIS begins each style with the declaration of a document type, which the reader refuses.
      let root = try? XMLElement.root(
        inText: Self.withoutDeclaration(String(decoding: data, as: UTF8.self)), of: style,
        attempted: "read the style")
    else { return nil }
    for entry in root.all("pipe/rasterrenderer/colorPalette/paletteEntry") {
      guard let value = entry.attributes["value"], let color = entry.attributes["color"].flatMap(Color.init)
      else { continue }
      entries[value] = Entry(label: entry.attributes["label"].flatMap(Self.named), color: color)
    }
    if let renderer = root.first("renderer-v2"), renderer.attributes["type"] == "categorizedSymbol" {
      takeCategories(of: renderer)
    }
    if entries.isEmpty { return nil }
  }

  private mutating func takeCategories(of renderer: XMLElement) {
    field = renderer.attributes["attr"].map { $0.replacing("\"", with: "") }
    var colors: [String: Color] = [:]
    for symbol in renderer.all("symbols/symbol") {
      guard let name = symbol.attributes["name"],
        let color = symbol.all("layer").lazy.compactMap(Self.color).first
      else { continue }
      colors[name] = color
    }
    for category in renderer.all("categories/category") {
      guard let value = category.attributes["value"], !value.isEmpty,
        let color = category.attributes["symbol"].flatMap({ colors[$0] })
      else { continue }
      entries[value] = Entry(label: category.attributes["label"].flatMap(Self.named), color: color)
    }
  }

  private static func named(_ label: String) -> String? {
    let text = label.trimmed
    return text.isEmpty ? nil : text.shortened(to: 80)
  }

  /// Returns the colour of a layer of a symbol, as `prop` of older and `Option` of newer versions write it:
  /// `65,155,223,255`, of the newest with more behind it.
  private static func color(_ layer: XMLElement) -> Color? {
    let old = layer.all("prop").first { $0.attributes["k"] == "color" }?.attributes["v"]
    let new = layer.all("Option/Option").first { $0.attributes["name"] == "color" }?.attributes["value"]
    let channels = (new ?? old ?? "").split(separator: ",").prefix(3).compactMap { UInt8($0.trimmed) }
    return channels.count == 3 ? Color(red: channels[0], green: channels[1], blue: channels[2]) : nil
  }

  private static func withoutDeclaration(_ text: String) -> String {
    guard let start = text.range(of: "<!DOCTYPE"),
      let end = text.range(of: ">", range: start.upperBound..<text.endIndex)
    else { return text }
    return text.replacingCharacters(in: start.lowerBound..<end.upperBound, with: "")
  }
}

extension Substring {
  fileprivate var trimmed: String { String(self).trimmed }
}
