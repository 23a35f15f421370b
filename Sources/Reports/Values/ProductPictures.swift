/// What is shown of a product: pictures as parts of the page.
package struct ProductPictures: Sendable {
  /// A class of the map and its colour.
  package struct LegendEntry: Sendable, Hashable {
    package let name, color: String

    package init(name: String, color: String) { (self.name, self.color) = (name, color) }
  }

  /// A picture with its caption.
  package struct Picture: Sendable, Hashable {
    /// The kinds of pictures.
    package enum Kind: Sendable, Hashable {
      /// The scene as it came.
      case scene
      /// Classes in the colours of the legend.
      case map
      /// Percentages from dark to light.
      case confidence
      /// Dates and what changed between them, side by side.
      case comparison
    }

    package let kind: Kind
    package let data: DataURI
    package let width, height: Int
    package let caption: String

    package init(_ kind: Kind, _ data: DataURI, width: Int, height: Int, caption: String) {
      (self.kind, self.data, self.width, self.height) = (kind, data, width, height)
      self.caption = caption
    }
  }

  /// The pictures, the scene before its map.
  package var pictures: [Picture] = []
  /// The meaning of the map's colours.
  package var legend: [LegendEntry] = []
  /// The scale bar of the map: its share of the picture's width, and its length in words.
  package var scale: (share: Double, words: String)?
  /// The mean of the map's confidence, 0 to 1; nil where there is none.
  package var confidence: Double?
  /// What could not be drawn, and why.
  package var problems: [String] = []

  /// Creates nothing to show.
  package init() {}
}
