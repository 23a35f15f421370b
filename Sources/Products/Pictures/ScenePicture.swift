import Rasters
import Scenes

/// A picture of a scene as it came, to be laid beside its map.
package struct ScenePicture {
  /// The longest side in pixels.
  package static let side = 512
  /// The name of a product's picture of its scene.
  package static let file = "scene.png"

  /// The picture.
  package let picture: Preview
  /// What the colours are, for people: `natural colours (B04, B03, B02)`.
  package let words: String

  /// Draws a scene in natural colours where its bands have them, else in false ones (near infrared, red,
  /// green), else its first band in grey.
  ///
  /// - Parameter scene: the whole of a scene of one date.
  /// - Throws: what reading throws.
  package init(of scene: Scene) throws(RasterError) {
    let shown = PictureBands(of: scene.bandNames, by: scene.sensor)
    let size = Preview.size(of: scene.grid, side: Self.side)
    let planes = try scene.readThinned(width: size.width, height: size.height)
    picture = Preview(width: size.width, height: size.height, bands: shown.indices.map { planes[$0] })
    words = shown.words
  }
}

/// The bands that stand for red, green and blue in a picture.
package struct PictureBands {
  /// The places of three bands, or of one that is shown in grey.
  package let indices: [Int]
  /// What the colours are, for people.
  package let words: String

  /// The colours that pictures are made of, the best first, by the names that STAC has for bands.
  private static let colors = [
    (words: "natural colours", bands: ["red", "green", "blue"]),
    (words: "false colours", bands: ["nir", "red", "green"]),
  ]

  /// Chooses among bands.
  package init(of names: [String], by sensor: Sensor) {
    for (words, wanted) in Self.colors {
      let found = wanted.compactMap { Self.place(of: $0, in: names, by: sensor) }
      guard found.count == wanted.count else { continue }
      indices = found
      self.words = "\(words) (\(found.map { names[$0] }.joined(separator: ", ")))"
      return
    }
    (indices, words) = ([0], "grey (\(names[0]))")
  }

  /// Returns the places of bands in natural colours; nil where one of them is not there.
  package static func natural(of names: [String], by sensor: Sensor) -> [Int]? {
    let found = colors[0].bands.compactMap { place(of: $0, in: names, by: sensor) }
    return found.count == 3 ? found : nil
  }

  /// Returns the bands of each picture in colours that could be made of some, the best first.
  package static func choices(of names: [String], by sensor: Sensor) -> [[String]] {
    colors.compactMap { _, wanted in
      let found = wanted.compactMap { place(of: $0, in: names, by: sensor) }
      return found.count == wanted.count ? found.map { names[$0] } : nil
    }
  }

  private static func place(of color: String, in names: [String], by sensor: Sensor) -> Int? {
    names.firstIndex { name in
      name.lowercased() == color
        || sensor.bandIndex(matching: name).map { sensor.bands[$0].commonName } == color
    }
  }
}
