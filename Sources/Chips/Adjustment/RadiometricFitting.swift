import Checkpoints
import Foundation
import Rasters
import Scenes

/// Finds how a scene's values are mapped by a card's radiometric steps: one map a band for each step, for the
/// whole scene.
///
/// The maps depend on the scene and the steps alone, not on the window that is read, the chip that is cut or
/// the thread.
public struct RadiometricFitting: Sendable {
  private let steps: [RadiometricStep]

  /// Fitting for the steps of a card.
  public init(_ steps: [RadiometricStep]) { self.steps = steps }

  /// Returns the maps of each step, in order.
  ///
  /// - Parameters:
  ///   - scene: opened as a whole, not adjusted.
  ///   - isReference: whether the scene is one of those that the steps adjust to.
  /// - Throws: what reading throws; ``RasterError`` `unsupported` where a step knows nothing of the scene's
  ///   sensor or bands.
  public func maps(for scene: Scene, isReference: Bool) throws(RasterError) -> [[BandMap]] {
    var sample: SceneSample?
    var result: [[BandMap]] = []
    for step in steps {
      let maps: [BandMap]?
      switch step {
      case .standardise(let centre, let spread):
        maps = Self.standardising(try known(&sample, scene, result), centre, spread)
      case .histogramMatching(let probabilities, let quantiles):
        maps = Self.matching(try known(&sample, scene, result), probabilities, quantiles)
      case .sensorBands(let reference, let satellite):
        maps = try Self.sensorBands(scene, reference, satellite)
      case .invariantFeatures(let slopes, let offsets):
        maps = isReference ? nil : zip(slopes, offsets).map { BandMap(slope: $0, offset: $1) }
      }
      guard let maps else { continue }
      sample?.adjust(by: maps)
      result.append(maps)
    }
    return result
  }

  /// Returns the scene's sample, as the steps so far leave it.
  private func known(_ sample: inout SceneSample?, _ scene: Scene, _ maps: [[BandMap]]) throws(RasterError)
    -> SceneSample
  {
    if let sample { return sample }
    var taken = try SceneSample(scene)
    for step in maps { taken.adjust(by: step) }
    sample = taken
    return taken
  }

  /// Returns the maps of a standardisation; nil for a scene without a valid pixel, which has nothing to be
  /// mapped and is reported where it is used.
  private static func standardising(_ sample: SceneSample, _ centre: [Double], _ spread: [Double])
    -> [BandMap]?
  {
    guard sample.count > 0 else { return nil }
    return sample.bands.enumerated().map { band, values in
      let own = BandDistribution(values)
      // Without a spread there is nothing to stretch.
      let slope = own.spread > 0 && spread[band] > 0 ? spread[band] / own.spread : 1
      return BandMap(slope: slope, through: (own.centre, centre[band]))
    }
  }

  private static func matching(
    _ sample: SceneSample, _ probabilities: [Double], _ quantiles: [[Double]]
  ) -> [BandMap]? {
    guard sample.count > 0 else { return nil }
    return sample.bands.enumerated().map { band, values in
      let own = BandDistribution(values)
      return BandMap(inputs: probabilities.map(own.quantile), outputs: quantiles[band])
    }
  }

  private static func sensorBands(_ scene: Scene, _ reference: String, _ satellite: String?)
    throws(RasterError) -> [BandMap]?
  {
    func failure(_ cause: String) -> RasterError {
      RasterError(.unsupported, "adjust the bands", path: scene.source.path, cause: cause)
    }
    guard let own = BandpassTable.Instrument(scene.sensor) else {
      throw failure("sensor-bands knows Sentinel-2 and Landsat 8 and 9, not \(scene.sensor.name)")
    }
    guard own.rawValue != reference else { return nil }
    let platform =
      satellite.flatMap(BandpassTable.Satellite.init(rawValue:))
      ?? BandpassTable.Satellite(inName: scene.source.name) ?? .sentinel2A
    return try scene.bandNames.map { name throws(RasterError) in
      let band = scene.sensor.bandIndex(matching: name).map { scene.sensor.bands[$0].name } ?? name
      guard let map = BandpassTable.map(of: band, from: own, satellite: platform) else {
        throw failure(
          "sensor-bands has no line for \(band), only for \(BandpassTable.bands(of: own).joined(separator: ", "))"
        )
      }
      return map
    }
  }
}
