import Foundation
import Scenes

/// The scenes of a directory that a pipeline works on, and the entries that it leaves out.
///
/// A scene that the file names itself, in an entry or a pair, is never left out.
struct ChosenScenes {
  /// The scenes, under the names of their files.
  private(set) var scenes: [SceneSource] = []
  /// The readings of products of other sensors than the pipeline's.
  private(set) var readings: [SceneIdentity: SceneReading] = [:]
  /// What was found and what was left out; nil of a path that is one scene.
  private(set) var report: DirectoryReport?

  /// Chooses among what there is at a path: one scene, or a directory of them.
  ///
  /// - Throws: `RasterError` where the path is neither a scene nor a directory; `SameAcquisition` where
  ///   products of one acquisition are refused.
  init(at path: String, for file: PipelineFile, _ search: SceneSearch) throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
    else {
      let scenes = try search.scenes(at: path)
      if scenes.count == 1 {
        take(scenes[0], as: SensorChoice(file))
      } else {
        try choose(among: FoundScenes(scenes), of: path, for: file)
      }
      return
    }
    // What lies in the directory is found among its other scenes.
    if let scene = try? search.scene(at: path), scene.identity == SceneIdentity(path: path),
      file.isOneScene(scene)
    {
      take(scene, as: SensorChoice(file))
      return
    }
    try choose(among: search.found(in: path), of: path, for: file)
  }

  /// Takes a scene that the user named: one of another sensor is read as that where the file allows it, and
  /// else refused when it is opened.
  private mutating func take(_ scene: SceneSource, as sensors: SensorChoice) {
    scenes = [scene]
    if case .other(let sensor) = sensors.verdict(on: scene) {
      readings[scene.identity] = SceneReading(sensor: sensor)
    }
  }

  private mutating func choose(among found: FoundScenes, of path: String, for file: PipelineFile) throws {
    let choice = file.data.select
    var leftOut = found.others.map { LeftOut(.noScene, $0.path, $0.reason) }
    let all = (found.scenes + found.refused).filter { !$0.isMask(by: file.masking) }
    let named = all.filter(file.data.names)
    let sensors = SensorChoice(file)
    var candidates: [SceneSource] = []
    for scene in all where !file.data.names(scene) {
      let verdict = sensors.verdict(on: scene)
      if case .leftOut(let reason) = verdict {
        leftOut.append(LeftOut(.otherSensor, scene.place, reason))
      } else if let reason = choice.reasonToLeaveOut(scene) {
        leftOut.append(reason)
      } else {
        if case .other(let sensor) = verdict { readings[scene.identity] = SceneReading(sensor: sensor) }
        candidates.append(scene)
      }
    }
    let halves = Set((named + candidates).filter { $0.isIncomplete(for: file, readings) }.map(\.place))
    let duplicates = DuplicateChoice(choice.duplicates, named: named, incomplete: halves)
    let repeated = try duplicates.leftOut(of: candidates)
    let outside = Set(repeated.map(\.path))
    scenes = named + candidates.filter { !outside.contains($0.place) }
    let incomplete = scenes.map(\.place).filter(halves.contains)
    report = DirectoryReport(
      directory: path, sceneCount: scenes.count - incomplete.count, incomplete: incomplete.sorted(),
      leftOut: (leftOut + repeated).sorted { $0.path < $1.path },
      refusesProducts: !choice.namesSensors && leftOut.contains { $0.kind == .otherSensor })
  }
}

extension SceneChoice {
  /// Returns why a scene of a sensor that is asked for is left out; nil where it is not.
  fileprivate func reasonToLeaveOut(_ scene: SceneSource) -> LeftOut? {
    guard scene.refusal == nil else { return nil }
    if firstDay != nil || lastDay != nil {
      guard let day = scene.acquisition?.day else {
        return LeftOut(
          .otherDate, scene.place, "neither its name nor its metadata holds a date for select.dates")
      }
      if day < firstDay ?? day || day > lastDay ?? day {
        let (first, last) = (firstDay?.description ?? "", lastDay?.description ?? "")
        return LeftOut(.otherDate, scene.place, "\(day) is outside select.dates, \(first)..\(last)")
      }
    }
    if let grounds {
      guard let ground = scene.ground else {
        return LeftOut(
          .otherGround, scene.place, "neither its name nor its metadata says its ground for select.grounds")
      }
      if !grounds.contains(ground) {
        return LeftOut(.otherGround, scene.place, "\(ground) is not among select.grounds")
      }
    }
    if let mostCloud, let share = scene.delivery?.cloudShare, share > mostCloud {
      let words = [share, mostCloud].map { String(format: "%.4g %%", 100 * $0) }
      return LeftOut(
        .tooCloudy, scene.place, "\(words[0]) cloud, more than the \(words[1]) of select.max-cloud")
    }
    return nil
  }
}

extension SceneSource {
  /// Returns whether files are missing that its metadata name and that the pipeline needs.
  fileprivate func isIncomplete(for file: PipelineFile, _ readings: [SceneIdentity: SceneReading]) -> Bool {
    guard let delivery, !delivery.files.missing.isEmpty else { return false }
    var file = file
    file.data.chosenReadings = readings
    return (try? SceneOpening(file).scene(self)) == nil
  }
}

extension PipelineData {
  /// Returns whether the file names a scene itself, in an entry or a pair.
  fileprivate func names(_ scene: SceneSource) -> Bool {
    readings[scene.identity] != nil
      || pairs.contains { $0.before.identity == scene.identity || $0.after.identity == scene.identity }
  }
}
