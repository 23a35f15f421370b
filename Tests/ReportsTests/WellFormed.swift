import Foundation
import FoundationXML

/// A page read as XML: whether it is well-formed, and what stands where.
final class WellFormed: NSObject, XMLParserDelegate {
  private(set) var error: String?
  /// Elements by their names, each with its attributes.
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  /// The text of all elements but scripts and styles.
  private(set) var text = ""
  /// The text of the cells of each table's rows, heads left out, by the table's id.
  private(set) var tables: [String: [[String]]] = [:]
  private var open: [String] = []
  private var table: String?

  init(_ page: String) {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    if !parser.parse() { error = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append((name, attributes))
    open.append(name)
    if name == "table" { table = attributes["id"] }
    guard let table, open.contains("tbody") else { return }
    if name == "tr" { tables[table, default: []].append([]) }
    if ["td", "th"].contains(name), let row = tables[table]?.indices.last { tables[table]?[row].append("") }
  }

  func parser(_ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if open.last != "script" && open.last != "style" { text += string }
    guard let table, open.contains("td") || open.contains("th"), open.contains("tbody"),
      let row = tables[table]?.indices.last, let cell = tables[table]?[row].indices.last
    else { return }
    tables[table]?[row][cell] += string
  }

  /// How many elements have a name.
  func count(_ name: String) -> Int { elements.count { $0.name == name } }

  /// The texts of a column of a table, row by row.
  func cells(of table: String, at column: Int) -> [String] { tables[table]?.map { $0[column] } ?? [] }

  /// How many circles are drawn hollow.
  var hollow: Int { elements.count { $0.name == "circle" && $0.attributes["fill"] == "none" } }

  /// What of the page a browser would load from elsewhere, or run besides the page's own script.
  var dangers: [String] {
    let loading = ["src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"]
    return elements.flatMap { name, attributes in
      attributes.compactMap { key, value in
        if key.hasPrefix("on") { return "\(name) \(key)" }
        guard loading.contains(key), !value.hasPrefix("#"), !value.hasPrefix("data:image/") else {
          return nil
        }
        return "\(name) \(key)=\(value.prefix(60))"
      } + (["link", "iframe", "object", "embed", "base", "form"].contains(name) ? [name] : [])
    }
  }
}
