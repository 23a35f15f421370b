import Products
import Rasters

/// A colour for each class: the one that it has, one that its name suggests, or one that can be told from all
/// others, also by people who see colours otherwise.
package struct ClassColors {
  package let colors: [Color]

  /// Colours by words in names; of several that fit the first in this list counts.
  ///
  /// The main ones are those of Dynamic World, doi:10.1038/s41597-022-01307-4.
  private static let suggested: [(words: [String], color: String)] = [
    (["wetland", "marsh", "swamp", "bog", "mangrove", "emergent", "feuchtgebiet", "humedal"], "#7a87c6"),
    (["water", "river", "lake", "sea", "ocean", "pond", "subtidal", "wasser", "agua", "eau"], "#419bdf"),
    (["snow", "ice", "glacier", "schnee", "nieve", "neige"], "#b39fe1"),
    (["shrub", "scrub", "bush", "chaparral", "matorral"], "#dfc35a"),
    (
      ["bamboo", "grass", "meadow", "pasture", "herbaceous", "savanna", "wiese", "pasto", "prairie"],
      "#88b053"
    ),
    (["tree", "forest", "wood", "wald", "bosque", "foret", "forêt", "floresta"], "#397d49"),
    (["crop", "agri", "field", "arable", "farm", "acker", "cultivo", "culture"], "#e49635"),
    (
      [
        "built", "urban", "settlement", "building", "developed", "impervious", "road", "village", "city",
        "siedlung", "urbano",
      ], "#c4281b"
    ),
    (["bare", "barren", "sand", "soil", "rock", "desert", "cleared", "suelo", "boden"], "#a59b8f"),
    (["cloud", "wolke", "nube", "nuage"], "#e8e8e8"),
    (["shadow", "schatten", "sombra", "ombre"], "#4d4d4d"),
    (["burn", "fire", "brand", "quemado"], "#7a1f1f"),
  ]

  /// Paul Tol's qualitative scheme "muted" and the Okabe-Ito colours, of which any few can be told apart.
  private static let qualitative = [
    "#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499",
    "#e69f00",
    "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
  ].map { Color($0)! }

  /// The least distance of a suggested colour from those that are taken: a second class of the same word gets
  /// another.
  private static let leastDistance = 0.05

  /// - Parameters:
  ///   - names: of the classes.
  ///   - known: the colours that files give them.
  package init(names: [String], known: [Color?]) {
    var colors = known
    func distance(_ color: Color) -> Double {
      colors.compactMap { $0.map { PerceivedColor($0).distance(to: PerceivedColor(color)) } }.min() ?? 1
    }
    for (index, name) in names.enumerated() where colors[index] == nil {
      guard let color = Self.color(suggestedBy: name), distance(color) > Self.leastDistance else { continue }
      colors[index] = color
    }
    for index in names.indices where colors[index] == nil {
      let farthest = Self.qualitative.max { distance($0) < distance($1) }!
      colors[index] =
        distance(farthest) > Self.leastDistance
        ? farthest : Self.mixtures.max { distance($0) < distance($1) }!
    }
    self.colors = colors.map { $0! }
  }

  private static func color(suggestedBy name: String) -> Color? {
    let words = name.lowercased().split { !$0.isLetter }.map(String.init)
    // "Not forest" is anything but green.
    guard !words.contains(where: ["no", "non", "not", "kein", "sin", "other"].contains) else { return nil }
    return suggested.first { entry in
      words.contains { word in entry.words.contains { word.hasPrefix($0) } }
    }.flatMap { Color($0.color) }
  }

  /// Lighter and darker forms of these colours, for classes beyond them.
  private static let mixtures: [Color] = qualitative.flatMap { color in
    [(0.75, 255), (0.5, 255), (0.3, 255), (0.75, 0), (0.5, 0)].map { (share: Double, other: UInt8) in
      PerceivedColor(color).mixed(share, with: PerceivedColor(Color(red: other, green: other, blue: other)))
        .color
    }
  }
}
