import Foundation
import Scenes

extension PipelineFile {
  /// The sensor of the file.
  var ownSensor: Sensor {
    if sensor == Sensor.customName { return .custom(bands: bandOrder ?? bands) }
    guard let known = Sensor.named(sensor) else {
      preconditionFailure("a pipeline file was read with the unknown sensor '\(sensor)'")
    }
    return known
  }

  /// Returns the bands that stand for the pipeline's on a scene of another sensor; nil for one of the
  /// pipeline's own.
  func correspondence(_ reading: SceneReading?) -> BandCorrespondence? {
    let own = ownSensor
    guard let reading else { return nil }
    let other = reading.sensor(besides: own)
    guard other != own else { return nil }
    return BandCorrespondence(
      of: bands, of: own, on: reading.bandOrder.map(other.holding) ?? other,
      interpolates: reading.interpolates)
  }

  /// Says in sentences where the entries' own sensors do not fit the pipeline.
  func readingProblems() -> [String] {
    var problems: [String] = []
    for (scene, others, readings) in data.readAlike {
      let name = "'\(scene.fileName)'\(others)"
      if Set(readings).count > 1 {
        problems.append("\(name) is listed with different sensors, band orders or numbers")
      }
      for reading in Set(readings.compactMap(\.self)) {
        problems += (correspondence(reading)?.problems ?? []).map { "\(name): \($0)" }
        if let order = reading.bandOrder, correspondence(reading) == nil {
          problems += bands.filter { !order.contains($0) }.map { band in
            "\(name): band '\(band)' is not in its band-order"
              + BandNaming.question(about: band, in: order)
          }
        }
      }
    }
    return problems
  }

  /// Says in sentences where the sensors of `data.select` do not fit the pipeline.
  func choiceProblems() -> [String] {
    if sensor == Sensor.customName && data.select.namesSensors {
      return ["select.sensors: nothing says which band of a product stands for one of 'sensor: custom'"]
    }
    let others = (data.select.sensors ?? []).filter { $0 != sensor }
    return others.flatMap { other in
      (correspondence(SceneReading(sensor: other))?.problems ?? []).map { "select.sensors: \($0)" }
    }
  }

  /// Sentences about scenes that are not the pipeline's sensor's, or of another resolution, and about what is
  /// done to them.
  var readingNotes: [String] {
    var notes = data.readAlike.compactMap { scene, others, readings -> String? in
      guard let reading = readings.first ?? nil, let found = correspondence(reading) else { return nil }
      return
        "\(scene.fileName)\(others), \(reading.sensor(besides: ownSensor).name): "
        + found.counterparts.map(\.words).joined(separator: ", ")
    }
    if let resolution {
      notes.append("all scenes are brought to pixels of \(String(format: "%g", resolution)) m")
    }
    return notes
  }
}

extension PipelineData {
  /// The scenes and how they are read, in the order of their places; of more than three that are read alike
  /// the first one stands for all, with the number of the others in words.
  fileprivate var readAlike: [(scene: SceneIdentity, others: String, readings: [SceneReading?])] {
    var found: [(scene: SceneIdentity, others: String, readings: [SceneReading?])] = []
    for (readings, alike) in Dictionary(grouping: readings, by: \.value) {
      let scenes = alike.map(\.key).sorted()
      if scenes.count > 3 {
        found.append((scenes[0], " and \(scenes.count - 1) more", readings))
      } else {
        found += scenes.map { ($0, "", readings) }
      }
    }
    return found.sorted { $0.scene < $1.scene }
  }
}
