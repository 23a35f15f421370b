import Rasters

/// Pictures side by side on white paper, a title over each, their legends and a scale bar below.
public struct PictureSheet {
  /// A picture with its title.
  public struct Panel {
    let title: String
    let picture: Preview

    /// Creates a panel.
    public init(_ title: String, _ picture: Preview) { (self.title, self.picture) = (title, picture) }
  }

  private let panels: [Panel]
  private let legends: [Legend]
  private let metres: Double?

  private static let scale = 2
  private static let textHeight = BitmapFont.height * scale
  private static let line = textHeight + 8
  private static let margin = 12
  private static let gap = 8
  private static let swatch = 16
  private static let leastWidth = 240
  private static let ink = Color(red: 0x22, green: 0x22, blue: 0x22)
  private static let paper = Color(red: 255, green: 255, blue: 255)

  /// Creates a sheet.
  ///
  /// - Parameters:
  ///   - panels: from left to right.
  ///   - legends: the meaning of colours, each from a line of its own on.
  ///   - metres: the side of a pixel of the pictures on the ground; nil where the grid is not in metres:
  ///     without a scale bar.
  public init(_ panels: [Panel], legends: [Legend], metres: Double?) {
    (self.panels, self.legends, self.metres) = (panels, legends, metres)
  }

  /// Columns of all panels.
  private var panelsWidth: Int {
    max(
      Self.leastWidth,
      panels.reduce(0) { $0 + $1.picture.width } + Self.gap * max(0, panels.count - 1))
  }

  /// The sheet as one picture; what the panels leave transparent stays so.
  public var picture: Preview {
    let placed = layout
    let top = Self.margin + Self.line
    let below = top + (panels.map(\.picture.height).max() ?? 0) + Self.gap
    let lines = (placed.map(\.line).max() ?? -1) + 1
    var sheet = Preview(
      width: panelsWidth + 2 * Self.margin,
      height: below + lines * Self.line + Self.margin - (lines > 0 ? Self.line - Self.textHeight : 0))
    sheet.fill(0..<sheet.width, 0..<sheet.height, Self.paper)
    var left = Self.margin
    for panel in panels {
      let width = panels.count == 1 ? panelsWidth : panel.picture.width
      sheet.write(Self.fitted(panel.title, to: width), left, Self.margin, scale: Self.scale, Self.ink)
      sheet.place(panel.picture, left, top)
      left += panel.picture.width + Self.gap
    }
    for item in placed {
      draw(item, on: &sheet, Self.margin + item.left, below + item.line * Self.line)
    }
    return sheet
  }

  // MARK: - Below the pictures

  private enum Content {
    case entry(Legend.Entry)
    case scaleBar(pixels: Int, text: String)
  }

  private struct Item {
    let content: Content
    let text: String
    let left, line: Int
  }

  /// The entries of the legends one after the other, as many in a line as there is room for; the scale bar at
  /// the end.
  private var layout: [Item] {
    var items: [Item] = []
    var (left, line) = (0, 0)
    func add(_ content: Content, _ text: String, mark: Int) {
      let room = panelsWidth - mark - 6
      let text = Self.fitted(text, to: room)
      let width = mark + 6 + Self.width(text)
      if left > 0 && left + width > panelsWidth { (left, line) = (0, line + 1) }
      items.append(Item(content: content, text: text, left: left, line: line))
      left += width + 18
    }
    for (index, legend) in legends.enumerated() {
      if index > 0 && left > 0 { (left, line) = (0, line + 1) }
      for entry in legend.entries { add(.entry(entry), entry.name, mark: Self.swatch) }
    }
    if let bar = scaleBar { add(.scaleBar(pixels: bar.pixels, text: bar.text), bar.text, mark: bar.pixels) }
    return items
  }

  /// A scale bar for the first picture; nil where pixels have no length.
  private var scaleBar: ScaleBar? {
    panels.first.flatMap { ScaleBar(across: $0.picture.width, metres: metres) }
  }

  private func draw(_ item: Item, on sheet: inout Preview, _ left: Int, _ top: Int) {
    let mark: Int
    switch item.content {
    case .entry(let entry):
      mark = Self.swatch
      sheet.fill(left..<left + mark, top..<top + mark, Self.ink)
      sheet.fill(left + 1..<left + mark - 1, top + 1..<top + mark - 1, entry.color)
    case .scaleBar(let pixels, _):
      mark = pixels
      sheet.fill(left..<left + pixels, top + 7..<top + 9, Self.ink)
      for end in [left, left + pixels - 2] { sheet.fill(end..<end + 2, top + 3..<top + 13, Self.ink) }
    }
    sheet.write(item.text, left + mark + 6, top + 1, scale: Self.scale, Self.ink)
  }

  // MARK: - Text

  private static func width(_ text: String) -> Int { BitmapFont.columns(text).count * scale }

  /// Returns the text, cut with two dots where it is too wide.
  private static func fitted(_ text: String, to room: Int) -> String {
    var shown = text
    while width(shown) > room, !shown.isEmpty {
      shown = String(shown.dropLast(shown.hasSuffix("..") ? 3 : 1)) + ".."
      if shown == ".." { return "" }
    }
    return shown
  }
}

extension Preview {
  /// Fills a rectangle; what lies outside of the picture is left out.
  mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ color: Color) {
    for row in rows.clamped(to: 0..<height) {
      for column in columns.clamped(to: 0..<width) {
        paint(row * width + column, color.red, color.green, color.blue)
      }
    }
  }

  /// Writes a text, each dot of its letters a square of `scale` pixels.
  mutating func write(_ text: String, _ left: Int, _ top: Int, scale: Int, _ color: Color) {
    for (column, bits) in BitmapFont.columns(text).enumerated() {
      for row in 0..<BitmapFont.height where bits >> row & 1 == 1 {
        let (x, y) = (left + column * scale, top + row * scale)
        fill(x..<x + scale, y..<y + scale, color)
      }
    }
  }
}
