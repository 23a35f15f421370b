import Foundation
import Reports
import Testing

@Suite("Pages as values")
struct HTMLTests {
  /// Names as a stranger may give them to a scene.
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a' onmouseover='alert(1)", "]]><!-- -->",
    "&lt;b&gt; &amp; &#60;", "\u{202E}gnp.exe\u{2066}", "bell\u{7}\u{0}\u{1B}[31m", "\u{FFFE}",
    "</style></script>",
    "line\nfeed\ttab", String(repeating: "x", count: 500), "ü 名前 😀",
  ]

  @Test("Whatever a text holds, it stays text, in content and in attributes", arguments: hostile)
  func escaping(_ text: String) {
    let page = HTMLPage(
      title: text, body: [.element("p", ["title": text], [.text(text)]), .name(text), "\(text)"]
    ).text
    let read = WellFormed(page)
    #expect(read.error == nil)
    #expect(
      read.elements.map(\.name) == ["html", "head"] + Array(repeating: "meta", count: 5)
        + ["title", "style", "body", "p", "bdi", "script"])
    #expect(read.dangers.isEmpty)
    #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
    #expect(!page.unicodeScalars.contains("\u{202E}"))
  }

  @Test("What is shown of a text is the text, control characters as numbers")
  func shown() {
    func text(_ words: String) -> String { WellFormed("<p>\(HTML.text(words).markup)</p>").text }
    #expect(text("a < b & c > \"d\" 'e'") == "a < b & c > \"d\" 'e'")
    #expect(text("ü 名前 😀") == "ü 名前 😀")
    #expect(text("\u{202E}x\u{7}") == "\\342\\200\\256x\\a")
  }

  @Test("A page may load nothing, and run its own script alone")
  func policy() throws {
    let read = WellFormed(HTMLPage(title: "t", body: []).text)
    let policy = try #require(
      read.elements.first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?.attributes["content"])
    #expect(policy.hasPrefix("default-src 'none'; img-src data:;"))
    #expect(policy.contains("script-src 'sha256-") && !policy.contains("http"))
    #expect(read.elements.first?.attributes["lang"] == "en")
  }

  @Test("Nothing is written of empty pieces")
  func empty() {
    #expect(HTML.nothing.isEmpty && HTML.group([.nothing, ""]).isEmpty && !HTML.element("p").isEmpty)
    #expect(HTML.nothing.markup.isEmpty)
  }
}

@Suite("Numbers on pages")
struct ShownNumberTests {
  @Test("Numbers are spelt the same everywhere")
  func numbers() {
    #expect(ShownNumber.decimal(1_234_567.5, 1) == "1\u{202F}234\u{202F}567.5")
    #expect(ShownNumber.decimal(-0.04, 1) == "0.0" && ShownNumber.decimal(-3) == "\u{2212}3")
    #expect(ShownNumber.decimal(.nan) == "\u{2013}")
    #expect(ShownNumber.percent(0.1234) == "12.3 %" && ShownNumber.percent(0.0001) == "< 0.1 %")
    #expect(ShownNumber.percent(0) == "0.0 %")
    #expect(ShownNumber.bytes(1_500_000_000) == "1.4 GiB" && ShownNumber.bytes(12) == "12 bytes")
    #expect(ShownNumber.duration(0.42) == "0.4 s" && ShownNumber.duration(245) == "4 min 05 s")
    #expect(ShownNumber.duration(7800) == "2 h 10 min")
    #expect(ShownNumber.moment(Date(timeIntervalSince1970: 0)) == "1970-01-01 00:00 UTC")
  }
}
