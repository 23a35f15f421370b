import Chips
import Foundation
import Scenes

/// A check of scenes for other numbers than those of the sensor that the pipeline file names for them.
struct SensorAgreement {
  private let file: PipelineFile

  init(_ file: PipelineFile) { self.file = file }

  /// Says what is odd about scenes that a job has looked at, by the types that they are stored in and by a
  /// few of their blocks; of many scenes some are looked at.
  func warnings(about entries: [SceneEntry]) -> [String] {
    var seen: Set<[SceneIdentity]> = []
    let distinct = entries.filter { seen.insert($0.identities).inserted }
    let sample = EvenSample(distinct, most: Self.mostScenes)
    let opening = SceneOpening(file)
    let doubts = sample.elements.flatMap { entry -> [String] in
      // A scene that cannot be read has failed the job, or will.
      guard let scene = try? opening.scene(of: entry) else { return [] }
      let pixels = try? SceneSample(scene, limit: Self.samplePixels)
      return warnings(about: scene, of: entry, quantiles: pixels?.quantiles)
    }
    return sample.shortened(doubts, to: 3)
  }

  /// Says what is odd about one scene.
  ///
  /// - Parameter quantiles: of each band in its physical unit, as `BandQuantiles.levels` says; nil where none
  ///   are known.
  func warnings(about scene: Scene, of entry: SceneEntry, quantiles: [[Double]]?) -> [String] {
    let sensor = SceneOpening(file).sensor(of: entry.scene)
    let levels = BandQuantiles.levels.count
    let ranges = zip(scene.bandNames, quantiles ?? []).map { name, values in
      BandRange(name: name, low: values[0], median: values[levels / 2], high: values[levels - 1])
    }
    guard let doubt = sensor.doubt(about: ranges) else { return byHeader(scene, of: entry) }
    return [sentence(entry.scene.fileName, doubt, sensor)]
  }

  /// Says what is odd about one scene by its header alone.
  func byHeader(_ scene: Scene, of entry: SceneEntry) -> [String] {
    let sensor = SceneOpening(file).sensor(of: entry.scene)
    for band in scene.storedBands {
      guard let doubt = sensor.doubt(about: band) else { continue }
      let name = URL(fileURLWithPath: band.path).lastPathComponent
      return [sentence("\(name), band \(band.index)", doubt, sensor)]
    }
    let name = entry.scene.fileName
    let doubt = ProductName(in: name)?.doubt(about: sensor) ?? sensor.doubt(aboutBands: scene.describedBands)
    return doubt.map { [sentence(name, $0, sensor)] } ?? []
  }

  private func sentence(_ subject: String, _ doubt: String, _ sensor: Sensor) -> String {
    "\(subject): \(doubt); 'sensor: \(sensor.name)' is probably wrong for it ('custom' takes numbers as they are)"
  }

  private static let mostScenes = 16
  /// Sixteen squares of 32 x 32 pixels: more blocks of a large compressed scene would take long to decode.
  private static let samplePixels = 1 << 14
}

extension SceneSample {
  /// The quantiles of each band at `BandQuantiles.levels`; nil where no pixel is valid.
  fileprivate var quantiles: [[Double]]? {
    guard count > 0 else { return nil }
    return bands.map { values in
      let sorted = values.sorted()
      return BandQuantiles.levels.map { Double(sorted[min(count - 1, Int($0 * Double(count)))]) }
    }
  }
}
