import Foundation
import Runs

/// A page of its own: one file that needs no other, and may load none.
package struct HTMLPage {
  /// The title, for windows and search.
  package let title: String
  /// What the page shows.
  package let body: [HTML]

  /// Creates a page.
  package init(title: String, body: [HTML]) { (self.title, self.body) = (title, body) }

  /// What a browser may do with the page: show pictures that are part of it, style it, and run the one script
  /// that this program has put in. A script that came in with a name would not run even if it got past the
  /// escaping.
  private static let policy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-\(scriptSum)'; "
    + "base-uri 'none'; form-action 'none'"

  private static let scriptSum: String = {
    let digits = Array(SHA256.hexadecimal(of: "\(PageScript.text)"))
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)!
    }
    return Data(bytes).base64EncodedString()
  }()

  /// The file.
  package var text: String {
    let head = HTML.element(
      "head", [:],
      [
        .element("meta", ["charset": "utf-8"]),
        .element("meta", ["http-equiv": "Content-Security-Policy", "content": Self.policy]),
        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .element("meta", ["name": "color-scheme", "content": "light dark"]),
        .element("meta", ["name": "generator", "content": "terrane"]),
        .element("title", [:], [.text(title)]), .program("style", PageStyle.text),
      ])
    let page = HTML.element(
      "html", ["lang": "en"],
      [head, .element("body", [:], body + [.program("script", PageScript.text)])])
    return "<!DOCTYPE html>\n" + page.markup + "\n"
  }
}
