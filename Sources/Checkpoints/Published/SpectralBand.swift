/// A band of a sensor, with the name and the wavelength that entries of the registry give it.
struct SpectralBand {
  let name: String
  let wavelength: Double?

  init(_ name: String, _ wavelength: Double?) { (self.name, self.wavelength) = (name, wavelength) }

  func prepared(_ preparation: PublishedPreparation?) -> PublishedCard.Band {
    PublishedCard.Band(name, wavelength, preparation)
  }
}

extension [SpectralBand] {
  /// Returns Sentinel-2's bands of these names, in that order.
  static func sentinel2(_ names: [String]) -> [SpectralBand] { named(names, of: sentinel2) }

  /// All 13 bands of Sentinel-2, as level 1C has them.
  static let sentinel2: [SpectralBand] = [
    .init("B01", 443), .init("B02", 490), .init("B03", 560), .init("B04", 665), .init("B05", 705),
    .init("B06", 740), .init("B07", 783), .init("B08", 842), .init("B8A", 865), .init("B09", 945),
    .init("B10", 1375), .init("B11", 1610), .init("B12", 2190),
  ]
  /// The 12 bands of Sentinel-2's level 2A.
  static let sentinel2SurfaceReflectance = sentinel2.filter { $0.name != "B10" }

  static let sentinel1: [SpectralBand] = [.init("VV", nil), .init("VH", nil)]
  static let redGreenBlue: [SpectralBand] = [.init("red", 660), .init("green", 550), .init("blue", 470)]

  /// The bands of Landsat 8 and 9.
  static let landsat8: [SpectralBand] = [
    .init("B1", 443), .init("B2", 482), .init("B3", 561), .init("B4", 655), .init("B5", 865),
    .init("B6", 1609), .init("B7", 2201), .init("B8", 590), .init("B9", 1373), .init("B10", 10_895),
    .init("B11", 12_005),
  ]
  /// The bands of Landsat 4, 5 and 7 without the panchromatic band of the last.
  static let landsat5: [SpectralBand] = [
    .init("B1", 485), .init("B2", 560), .init("B3", 660), .init("B4", 830), .init("B5", 1650),
    .init("B6", 11_450), .init("B7", 2215),
  ]

  static func named(_ names: [String], of bands: [SpectralBand]) -> [SpectralBand] {
    names.map { name in
      guard let band = bands.first(where: { $0.name == name }) else {
        preconditionFailure("no band '\(name)'")
      }
      return band
    }
  }

  /// Returns every band with the same preparation.
  func prepared(_ preparation: PublishedPreparation?) -> [PublishedCard.Band] {
    map { $0.prepared(preparation) }
  }

  /// Returns each band with a preparation of its own.
  func prepared(_ preparations: [PublishedPreparation]) -> [PublishedCard.Band] {
    precondition(count == preparations.count, "\(count) bands, \(preparations.count) preparations")
    return zip(self, preparations).map { $0.prepared($1) }
  }

  /// Returns each band with its mean subtracted and divided by its deviation.
  func standardized(_ unit: PublishedUnit, means: [Double], deviations: [Double]) -> [PublishedCard.Band] {
    prepared(means, deviations) { PublishedPreparation(unit, mean: $0, deviation: $1) }
  }

  /// Returns each band stretched from two deviations below its mean to two above.
  func stretched(_ unit: PublishedUnit, means: [Double], deviations: [Double]) -> [PublishedCard.Band] {
    prepared(means, deviations) { .stretch(unit, twoDeviations: $1, around: $0) }
  }

  private func prepared(
    _ means: [Double], _ deviations: [Double], _ rule: (Double, Double) -> PublishedPreparation
  ) -> [PublishedCard.Band] {
    precondition(
      count == means.count && count == deviations.count,
      "\(count) bands, \(means.count) means, \(deviations.count) deviations")
    return indices.map { self[$0].prepared(rule(means[$0], deviations[$0])) }
  }
}
