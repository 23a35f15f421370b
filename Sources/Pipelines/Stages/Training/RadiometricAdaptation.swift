import Checkpoints
import Chips
import Foundation
import Models
import Runs
import Scenes
import Settings

/// An adaptation of scenes rather than of the network: each is adjusted, as a whole, to the source's scenes
/// before its bands are normalised. The reference of the adjustment goes into the model's card, so that
/// training after this stage, scoring and mapping see adjusted scenes.
struct RadiometricAdaptation {
  /// The method of adjusting scenes.
  private enum Kind { case standardise, histogramMatching, sensorBands, invariantFeatures }

  /// The Sentinel-2 satellite that a scene is of.
  private enum SatelliteName: String, CaseIterable {
    case byName = "by-name"
    case sentinel2A = "sentinel-2a"
    case sentinel2B = "sentinel-2b"
  }

  private let kind: Kind
  private let satellite: BandpassTable.Satellite?

  /// Reads the settings of a method; nil for one that adapts the network.
  init?(_ settings: SettingsReader, _ method: DomainAdaptationStage.Method) {
    let name = settings.choice(
      "satellite", of: SatelliteName.self, default: .byName,
      "which Sentinel-2 the scenes are of (sensor-bands): as their names say, sentinel-2a where they do not")
    satellite = BandpassTable.Satellite(rawValue: name.rawValue)
    switch method {
    case .standardise: kind = .standardise
    case .histogramMatching: kind = .histogramMatching
    case .sensorBands: kind = .sensorBands
    case .invariantFeatures: kind = .invariantFeatures
    default: return nil
    }
  }

  /// Returns the scenes of the source, without their labels, to which others are adjusted.
  func scenes(of file: PipelineFile) -> [SceneEntry] { file.data.source.map(\.withoutLabels) }

  /// Says where the file does not fit the method.
  func problems(in file: PipelineFile) -> [String] {
    let reference = scenes(of: file)
    guard !reference.isEmpty else { return ["scenes are adjusted to those of data.source; there are none"] }
    if kind == .sensorBands && file.comparison != nil {
      return ["sensor-bands knows scenes of one date, not pairs"]
    }
    if kind == .invariantFeatures && SceneOpening(file).targetScenes.isEmpty {
      return ["adapts to data.unlabelled or data.target; neither is there"]
    }
    return kind == .sensorBands ? sensorProblems(in: file) : []
  }

  /// Checks that both instruments are known, and that the table has a line for each band.
  private func sensorProblems(in file: PipelineFile) -> [String] {
    let opening = SceneOpening(file)
    let others = (SceneOpening(file).targetScenes + file.data.test).map(\.scene)
    let sensors = Set((scenes(of: file).map(\.scene) + others).map(opening.sensor) + [opening.sensor])
    let unknown = sensors.filter { BandpassTable.Instrument($0) == nil }.map(\.name).sorted()
    guard unknown.isEmpty else {
      return ["sensor-bands knows Sentinel-2 and Landsat 8 and 9, not \(unknown.joined(separator: ", "))"]
    }
    let references = Set(scenes(of: file).map(\.scene).map(opening.sensor).map(BandpassTable.Instrument.init))
    guard references.count == 1 else {
      return ["the scenes of data.source are of both instruments: sensor-bands needs one to adjust to"]
    }
    // The scenes to map are read as a reading of nothing says.
    let readings = others.map(file.data.reading) + [nil]
    let strangers = readings.flatMap { reading -> [String] in
      let sensor = reading?.sensor(besides: opening.sensor) ?? opening.sensor
      guard let own = BandpassTable.Instrument(sensor), !references.contains(own) else { return [] }
      let names = file.correspondence(reading)?.counterparts.map(\.band) ?? file.bands
      return names.map { name in sensor.bandIndex(matching: name).map { sensor.bands[$0].name } ?? name }
        .filter { BandpassTable.map(of: $0, from: own, satellite: .sentinel2A) == nil }
        .map { "sensor-bands has no line for \($0) of \(sensor.name)" }
    }
    return Set(strangers).sorted()
  }

  /// Writes into the model's card what scenes are adjusted to.
  func adapt(_ model: Model, file: PipelineFile, note: (String) -> Void) throws -> LearningOutcome {
    let step = try step(for: model, file: file, note: note)
    model.card.radiometry.append(step)
    return LearningOutcome(
      model: model, course: [], findings: [Finding(.sceneAdjustment, .text(step.methodName))])
  }

  private func step(for model: Model, file: PipelineFile, note: (String) -> Void) throws
    -> RadiometricStep
  {
    if kind == .sensorBands { return try sensorBands(file) }
    // This step adjusts scenes to the source as the earlier steps leave it.
    let opening = SceneOpening(file, adjustingFor: model.card)
    let scenes = scenes(of: file)
    if kind == .invariantFeatures { return try invariantFeatures(opening, scenes, file, note) }
    var reference = RadiometricReference(scenes: scenes.count, bands: opening.channelCount)
    for (index, scene) in scenes.enumerated() {
      note("reference \(index + 1)/\(scenes.count)")
      try reference.add(try opening.scene(of: scene))
    }
    guard reference.count > 0 else { throw DomainAdaptationFailure.noSourcePixel }
    return kind == .standardise ? reference.standardise : reference.histogramMatching
  }

  private func invariantFeatures(
    _ opening: SceneOpening, _ references: [SceneEntry], _ file: PipelineFile, _ note: (String) -> Void
  ) throws -> RadiometricStep {
    let targets = opening.targetScenes
    var features = InvariantFeatures(pairs: targets.count * references.count, bands: opening.channelCount)
    var pairs = 0
    for target in targets {
      for reference in references {
        note("\(target.scene.fileName) over \(reference.scene.fileName)")
        let (own, other) = (try opening.scene(of: target), try opening.scene(of: reference))
        if try features.add(own, like: other) { pairs += 1 }
      }
    }
    guard features.count > 0 else { throw DomainAdaptationFailure.noCommonPixel(pairs: pairs) }
    return features.step.step
  }

  private func sensorBands(_ file: PipelineFile) throws(DomainAdaptationFailure) -> RadiometricStep {
    let sensor = SceneOpening(file).sensor(of: scenes(of: file)[0].scene)
    guard let instrument = BandpassTable.Instrument(sensor) else {
      throw .unknownSensor(sensor.name)
    }
    return .sensorBands(reference: instrument.rawValue, satellite: satellite?.rawValue)
  }
}
