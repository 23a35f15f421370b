import Foundation
import FoundationXML

/// A page read as XML: whether it is well-formed, and what stands where.
final class WellFormed: NSObject, XMLParserDelegate {
  private(set) var error: String?
  /// Elements by their names, each with its attributes.
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  /// The text of all elements but scripts and styles.
  private(set) var text = ""
  private var open: [String] = []

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
  }

  func parser(_ parser: XMLParser, didEndElement: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if open.last != "script" && open.last != "style" { text += string }
  }

  /// How many elements have a name.
  func count(_ name: String) -> Int { elements.count { $0.name == name } }

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
