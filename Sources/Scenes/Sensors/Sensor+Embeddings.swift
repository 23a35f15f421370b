extension Sensor {
  /// Whether its bands are what a network made of other scenes.
  var isEmbedding: Bool { unit == Self.embeddingUnit }

  private static let embeddingUnit = "embedding"

  /// Google's yearly embeddings of 10 m, as its files of signed bytes hold them: 64 numbers of a pixel,
  /// together a vector of length 1.
  public static let alphaEarth = Sensor(
    name: "alphaearth",
    bands: (0..<64).map { SensorBand(($0 < 10 ? "A0" : "A") + "\($0)", resolution: 10) }, scale: 1 / 127.5,
    unit: embeddingUnit, noData: -128,
    source: "AlphaEarth Foundations, Satellite Embedding V1, files of signed bytes", squaresWithSign: true,
    storedType: "Int8")

  /// Cambridge's yearly embeddings of 10 m, dequantised, as geotessera exports them; NaN is no data.
  public static let tessera = Sensor(
    name: "tessera",
    bands: (0..<128).map { SensorBand("T\($0)", resolution: 10, aliases: ["Tessera_Band_\($0)"]) },
    unit: embeddingUnit, source: "TESSERA, GeoTIFF files of geotessera", storedType: "Float32")

  /// Returns the sensor of embeddings that has bands of these names, and no other; nil where there is none.
  static func embedding(ofBands names: [String]) -> Sensor? {
    all.first { sensor in
      sensor.isEmbedding && names.count == sensor.bands.count
        && names.allSatisfy { sensor.bandIndex(matching: $0) != nil }
    }
  }
}
