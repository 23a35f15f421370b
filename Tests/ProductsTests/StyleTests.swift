import Foundation
import FoundationXML
import Products
import Rasters
import Testing

@Suite("QGIS styles")
struct StyleTests {
  static let ramps: [(String, ColorRamp)] = [
    ("percentages", .percentages), ("direction", .direction), ("significance", .significance),
    ("magnitude", .magnitude(to: 7.5, threshold: 2)),
    ("magnitude below its threshold", .magnitude(to: 1, threshold: 2)),
    ("magnitude without a threshold", .magnitude(to: 12345, threshold: nil)),
    ("no magnitude", .magnitude(to: 0, threshold: nil)),
  ]

  @Test("A ramp is XML that QGIS reads: values that rise, colours, labels", arguments: ramps.indices)
  func ramp(index: Int) {
    let text = QGISStyle.text(for: Self.ramps[index].1)
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(text)")
    #expect(reader.values.count > 2 && zip(reader.values, reader.values.dropFirst()).allSatisfy { $0 < $1 })
    #expect(Set(reader.colors).count == reader.colors.count && reader.labels.allSatisfy { !$0.isEmpty })
    #expect(
      text.contains(#"type="singlebandpseudocolor""#) && text.contains("minimumValue=\"\(reader.values[0])\"")
    )
  }

  @Test("Polygons are coloured by the names of their classes, each of which has a symbol of its own")
  func categories() {
    let text = QGISStyle.text(
      for: Legend(
        entries: [
          .init(value: 1, name: "water", color: Color("#419bdf")!),
          .init(value: 9, name: "crops & <\"grass\">", color: Color("#e49635")!),
        ], noData: 0), field: "class")
    let reader = CategoryReader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(text)")
    #expect(reader.renderer == ["categorizedSymbol", "class"])
    #expect(reader.symbols == ["water": "0", "crops & <\"grass\">": "1"])
    #expect(reader.colors == ["0": "65,155,223,255", "1": "228,150,53,255"])
  }

  private final class CategoryReader: NSObject, XMLParserDelegate {
    var (renderer, symbol) = ([String](), "")
    var (symbols, colors) = ([String: String](), [String: String]())

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      switch name {
      case "renderer-v2": renderer = [attributes["type"]!, attributes["attr"]!]
      case "category" where attributes["label"] == attributes["value"]:
        symbols[attributes["value"]!] = attributes["symbol"]
      case "symbol": symbol = attributes["name"]!
      case "prop" where attributes["k"] == "color": colors[symbol] = attributes["v"]
      default: break
      }
    }
  }

  @Test("The top of a magnitude is what 99 of 100 pixels stay below; what is not finite counts not")
  func largest() {
    let values = (0..<1000).map { Float($0) } + [.nan, .infinity]
    #expect(ColorRamp.largest(of: values) == 989 && ColorRamp.largest(of: [.nan]) == 0)
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var (values, colors, labels) = ([Double](), [String](), [String]())

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      guard name == "item" else { return }
      values.append(Double(attributes["value"]!)!)
      colors.append(attributes["color"]!)
      labels.append(attributes["label"]!)
    }
  }

  /// Elements and their attributes, and the texts between, in order.
  private final class Elements: NSObject, XMLParserDelegate {
    var (names, attributes, texts) = ([String](), [[String: String]](), [String]())

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      names.append(name)
      self.attributes.append(attributes)
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if !text.allSatisfy(\.isWhitespace) { texts.append(text) }
    }
  }

  private func elements(_ style: StyleFiles.Style) -> Elements {
    let text = SLDStyle.text(for: style, layer: "land & cover")
    let elements = Elements()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = elements
    #expect(parser.parse(), "\(text)")
    return elements
  }

  private static let legend = Legend(
    entries: [
      .init(value: 1, name: "water", color: Color("#419bdf")!),
      .init(value: 9, name: "crops & <\"grass\">", color: Color("#e49635")!),
    ], noData: 0)

  @Test("A Styled Layer Descriptor has the values, names and colours of classes, and of a ramp its stops")
  func descriptors() {
    let classes = elements(.classes(Self.legend))
    let entries = classes.attributes.filter { $0["quantity"] != nil }
    #expect(entries.map { $0["quantity"] } == ["1", "9"])
    #expect(entries.map { $0["label"] } == ["water", "crops & <\"grass\">"])
    #expect(entries.map { $0["color"] } == ["#419bdf", "#e49635"])
    #expect(classes.attributes.contains(["type": "values"]))
    let ramp = elements(.values(.percentages))
    #expect(ramp.attributes.contains(["type": "ramp"]))
    #expect(ramp.attributes.compactMap { $0["quantity"] }.compactMap(Double.init) == [0, 25, 50, 75, 100])
  }

  @Test("That of polygons has a rule a class, by the field of names")
  func rules() {
    let found = elements(.polygons(Self.legend, field: "class"))
    #expect(found.names.count { $0 == "Rule" } == 2 && found.names.count { $0 == "PolygonSymbolizer" } == 2)
    #expect(found.texts.filter { $0 == "class" }.count == 2 && found.texts.contains("#e49635"))
  }

  @Test("Styles lie beside a file under its name, those that were asked for", arguments: StyleFiles.allCases)
  func files(style: StyleFiles) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "styles-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: directory) }
    try style.write(.classes(Self.legend), beside: directory.appendingPathComponent("a.b.tif").path)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
    let expected: [StyleFiles: [String]] = [
      .qml: ["a.b.qml"], .sld: ["a.b.sld"], .both: ["a.b.qml", "a.b.sld"], .none: [],
    ]
    #expect(names == expected[style])
  }
}
