import Foundation
import Host
import Rasters
import Scenes

/// The scene that labels lie on, found at a path that may be a file, a product or a directory of scenes.
struct DraftedScene {
  /// The scene.
  let source: SceneSource
  /// What it is probably of.
  let guess: SensorGuess
  /// Whether the path is a directory of several scenes, all of which are to be mapped.
  let isAmongOthers: Bool
  /// The labels on the scene's grid.
  let labels: Labels
  /// The grounds of the choice, in sentences.
  let remarks: [String]

  /// The most scenes of a directory that labels are held against.
  private static let mostScenes = 200

  /// Finds the scene at a path on which most of the labels lie.
  ///
  /// - Throws: `DraftFailure` where there is none, or the labels lie on none; what opening throws.
  init(at path: String, under classes: DraftedClasses) throws {
    if let (source, guess) = try Self.alone(path) {
      let labels = try Self.labels(classes, on: guess.grid)
      guard try labels.bounds() != nil else {
        throw DraftFailure.apart(labels: classes.source.path, scenes: 1)
      }
      (self.source, self.guess, self.labels) = (source, guess, labels)
      (isAmongOthers, remarks) = (false, [])
      return
    }
    let found = try SceneSearch().found(in: path)
    let scenes = found.scenes.sorted { ($0.name, $0.path) < ($1.name, $1.path) }
    guard !scenes.isEmpty else {
      if let refused = found.refused.first?.refusal { throw refused }
      throw DraftFailure.noScene(path)
    }
    var best: (source: SceneSource, pixels: Int)?
    for source in scenes.prefix(Self.mostScenes) {
      guard let grid = source.grid, let labels = try? Self.labels(classes, on: grid),
        let pixels = try? labels.survey().pixels.reduce(0, +), pixels > best?.pixels ?? 0
      else { continue }
      best = (source, pixels)
    }
    guard let best else { throw DraftFailure.apart(labels: classes.source.path, scenes: scenes.count) }
    source = best.source
    guess = try SensorGuess(source)
    labels = try Self.labels(classes, on: guess.grid)
    isAmongOthers = scenes.count > 1
    remarks =
      isAmongOthers
      ? [
        "of the \(scenes.count) scenes of the directory the one with most of the labels"
          + (scenes.count > Self.mostScenes ? "; the first \(Self.mostScenes) were looked at" : "")
      ] : []
  }

  /// Returns the scene that a path is by itself; nil of a directory of scenes.
  private static func alone(_ path: String) throws -> (SceneSource, SensorGuess)? {
    var isDirectory: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard isThere, isDirectory.boolValue else {
      let source = try SceneSource(path: path)
      return (source, try SensorGuess(source))
    }
    guard let source = try? SceneSource(path: path), source.identity == SceneIdentity(path: path) else {
      return nil
    }
    if source.metadata != nil || source.product != nil { return (source, try SensorGuess(source)) }
    // Files of one band each are one scene where they lie on each other.
    guard source.files.count > 1, let guess = try? SensorGuess(source) else { return nil }
    let grids = source.files.map { try? RasterFile(path: $0).grid }
    let areAlike = grids.allSatisfy { $0?.isSame(as: guess.grid) == true }
    return guess.sensor.name != Sensor.customName || areAlike ? (source, guess) : nil
  }

  private static func labels(_ classes: DraftedClasses, on grid: Grid) throws(RasterError) -> Labels {
    try Labels(classes.source, classes: classes.classes, listed: classes.listedLabels, on: grid)
  }
}
