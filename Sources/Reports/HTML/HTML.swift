/// A piece of an HTML page as a value: text is text and is escaped when the page is written, whatever it
/// holds.
///
/// What is written is well-formed XML, too.
package indirect enum HTML: Sendable, Hashable {
  /// Text.
  case text(String)
  /// An element with its attributes, in order, and its content.
  case element(String, [Attribute], [HTML])
  /// A picture inside the page, with what stands for it where it cannot be seen.
  case picture(DataURI, alt: String, [Attribute])
  /// A style sheet or a script of this program, which nothing of a run is part of.
  case program(String, StaticString)
  /// Pieces, one after the other.
  case group([HTML])

  /// An attribute of an element.
  package struct Attribute: Sendable, Hashable {
    /// The name and the value.
    package let name, value: String
  }

  package static func == (one: HTML, other: HTML) -> Bool { one.markup == other.markup }

  package func hash(into hasher: inout Hasher) { hasher.combine(markup) }

  /// Nothing.
  package static let nothing = HTML.group([])

  /// Creates an element.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [HTML] = []
  ) -> HTML {
    .element(name, attributes.map { Attribute(name: $0.key, value: $0.value) }, content)
  }

  /// Creates an element of a class.
  package static func element(_ name: String, class kind: String, _ content: [HTML]) -> HTML {
    element(name, ["class": kind], content)
  }

  /// Creates a picture.
  package static func picture(
    _ data: DataURI, alt: String, _ attributes: KeyValuePairs<String, String> = [:]
  ) -> HTML {
    .picture(data, alt: alt, attributes.map { Attribute(name: $0.key, value: $0.value) })
  }

  /// Creates the name of a scene, a file or a model, which somebody else has chosen: on one line, and in a
  /// direction of its own.
  package static func name(_ text: String) -> HTML { element("bdi", class: "name", [.text(text)]) }

  /// Whether nothing is written.
  package var isEmpty: Bool {
    switch self {
    case .group(let pieces): pieces.allSatisfy(\.isEmpty)
    case .text(let text): text.isEmpty
    case .element, .picture, .program: false
    }
  }
}

extension HTML: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral {
  /// Creates a text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// Creates pieces, one after the other.
  package init(arrayLiteral elements: HTML...) { self = .group(elements) }
}

extension HTML {
  /// The piece as it stands in a file.
  package var markup: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// Elements that have no content.
  private static let empty: Set<String> = ["meta", "br", "hr", "img", "input", "col"]
  /// Elements after which a line ends, so that a page can be read as a file.
  private static let blocks: Set<String> = [
    "p", "div", "section", "header", "footer", "nav", "main", "h1", "h2", "h3", "h4", "ul", "li", "dl", "dd",
    "table", "tr", "thead", "tbody", "figure", "figcaption", "details", "summary", "article", "meta", "title",
    "style", "script", "svg", "pre",
  ]

  package func write(to text: inout String) {
    switch self {
    case .text(let words): EscapedText.write(words, to: &text)
    case .group(let pieces): for piece in pieces { piece.write(to: &text) }
    case .program(let name, let content):
      text += "<\(name)>\(content)</\(name)>\n"
    case .picture(let data, let alt, let attributes):
      text += "<img src=\"data:"
      text += data.type
      text += ";base64,"
      text += data.base64
      text += "\""
      Self.write(attributes + [Attribute(name: "alt", value: alt)], to: &text)
      text += "/>"
    case .element(let name, let attributes, let content):
      text += "<"
      text += name
      Self.write(attributes, to: &text)
      if Self.empty.contains(name) {
        text += "/>"
      } else {
        text += ">"
        for piece in content { piece.write(to: &text) }
        text += "</"
        text += name
        text += ">"
      }
      if Self.blocks.contains(name) { text += "\n" }
    }
  }

  private static func write(_ attributes: [Attribute], to text: inout String) {
    for attribute in attributes {
      text += " "
      text += attribute.name
      text += "=\""
      EscapedText.write(attribute.value, to: &text)
      text += "\""
    }
  }
}
