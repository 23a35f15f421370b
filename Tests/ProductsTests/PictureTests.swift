import Products
import Rasters
import TestRasters
import Testing

@Suite("Pictures for people")
struct PictureTests {
  private let scratch = Scratch()
  private let legend = Legend(entries: [
    .init(value: 1, name: "water", color: Color(red: 65, green: 155, blue: 223)),
    .init(value: 2, name: "forêt à feuilles", color: Color(red: 57, green: 125, blue: 73)),
  ])

  private func picture(_ width: Int, _ height: Int) -> Preview {
    Preview(width: width, height: height, bands: [(0..<width * height).map { Float($0) }])
  }

  private func channels(_ sheet: PictureSheet, _ name: String) throws -> (
    width: Int, height: Int, pixels: [[UInt8]]
  ) {
    try sheet.picture.write(to: scratch.file(name))
    let file = try RasterFile(path: scratch.file(name))
    return (
      file.grid.width, file.grid.height, try (1...4).map { try file.readValues(file.grid.bounds, band: $0) }
    )
  }

  @Test(
    "A sheet holds its panels, titles, the colours of its legend and a scale bar",
    arguments: [(1, 40), (2, 300), (3, 512)])
  func sheet(panels: Int, side: Int) throws {
    let sheet = PictureSheet(
      (0..<panels).map { .init("s2_2023-09-0\($0)", picture(side, side)) }, legends: [legend], metres: 10)
    let found = try channels(sheet, "sheet.png")
    let width = max(240, panels * side + (panels - 1) * 8) + 24
    #expect(found.width == width && found.height > side + 40)
    for entry in legend.entries {
      let color = [entry.color.red, entry.color.green, entry.color.blue]
      #expect(
        found.pixels[0].indices.contains { at in (0..<3).allSatisfy { found.pixels[$0][at] == color[$0] } })
    }
    // Ink above the pictures and below them.
    let ink = found.pixels[0].indices.filter { found.pixels[0][$0] == 0x22 && found.pixels[2][$0] == 0x22 }
    #expect(ink.contains { $0 / found.width < 34 } && ink.contains { $0 / found.width > 36 + side })
  }

  @Test("Pixels as large as no ground have no scale bar", arguments: [1e22, 1e308, .infinity, .nan, 1e-300])
  func absurdLength(metres: Double) throws {
    let sheet = { (metres: Double?) in
      try channels(PictureSheet([.init("a", picture(60, 20))], legends: [], metres: metres), "sheet.png")
    }
    if metres > 1 { #expect(try sheet(metres) == sheet(nil)) } else { _ = try sheet(metres) }
  }

  @Test("What is transparent in a panel stays so, paper is white")
  func transparent() throws {
    var holed = (0..<2500).map { Float($0) }
    holed[0] = .nan
    let found = try channels(
      PictureSheet([.init("", Preview(width: 50, height: 50, bands: [holed]))], legends: [], metres: nil),
      "holed.png")
    #expect(found.pixels[3].count { $0 == 0 } == 1 && found.pixels[0][0] == 255)
  }

  @Test(
    "Names are cut to their room; letters that the font lacks do not matter",
    arguments: ["é", "日本", "a\u{1B}[31mb", "", String(repeating: "W", count: 400)])
  func names(name: String) throws {
    let odd = Legend(entries: [.init(value: 1, name: name, color: Color(red: 1, green: 2, blue: 3))])
    let found = try channels(
      PictureSheet([.init(name, picture(60, 20))], legends: [odd], metres: 0.003), "odd.png")
    #expect(found.width == 264)
  }

  @Test("Letters are told apart, accents left out")
  func letters() {
    let printable = (0x21...0x7E).map { BitmapFont.columns(String(Unicode.Scalar(UInt8($0)))) }
    #expect(Set(printable).count == printable.count && printable.allSatisfy { (1...5).contains($0.count) })
    #expect(
      BitmapFont.columns("é") == BitmapFont.columns("e") && BitmapFont.columns("日") == BitmapFont.columns("?")
    )
  }

  static let palettes: [[String]] = [
    ["#419bdf", "#397d49"], ["#419bdf", "#397d49", "#e49635"],
    ["#419bdf", "#397d49", "#e49635", "#c4281b", "#a59b8f", "#7a87c6"],
    ["#005500", "#006000", "#00aa00", "#ffffff", "#000000"], ["#808080", "#808080", "#808080"], ["#123456"],
    (0..<15).map {
      "#" + String($0 * 17, radix: 16).leftPadded + String(255 - $0 * 17, radix: 16).leftPadded + "80"
    },
  ]

  @Test(
    "Every pair of classes has a colour of its own, apart from all others as far as there is room",
    arguments: palettes)
  func pairs(palette: [String]) {
    let colors = PairColors(classes: palette.map { Color($0)! })
    let all = palette.indices.flatMap { from in palette.indices.map { colors.color(from: from, to: $0) } }
    #expect(Set(all).count == all.count)
    let seen = all.map(PerceivedColor.init)
    let least =
      seen.indices.flatMap { first in seen[..<first].map { seen[first].distance(to: $0) } }.min() ?? 1
    #expect(least >= (palette.count <= 6 && Set(palette).count > 3 ? 0.02 : 0.004), "\(least)")
  }

  @Test(
    "Colours come back from the space of perception", arguments: ["#419bdf", "#000000", "#ffffff", "#c4281b"])
  func perception(text: String) {
    #expect(PerceivedColor(Color(text)!).color.description == text)
  }
}

extension String {
  fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
