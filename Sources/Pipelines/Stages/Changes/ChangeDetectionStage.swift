import ChangeDetection
import Foundation
import Runs
import SceneChanges
import Scenes
import Settings

/// Compares the two dates of each pair: their class maps, or the scenes themselves.
struct ChangeDetectionStage: Stage {
  static let name = "change-detection"
  static let doc = "compare two dates, by their maps or without any model"
  // A method that compares maps asks for them itself.
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.changes
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  // 4: a minimum mapping unit leaves no region below it.
  static let revision = 4

  /// The warning of a comparison without a pixel.
  static let nothingObserved = "no pixel was observed at both dates"

  private let settings: SceneComparisonSettings

  init(_ settings: SettingsReader) { self.settings = SceneComparisonSettings(settings) }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems: [String] = []
    if !file.data.namesPairs && !(settings.method == .omnibus && file.data.pairing == .series) {
      problems.append(
        file.data.pairing == .series
          ? "'pairing: series' is for 'method: omnibus' and 'despeckle'"
          : "compares data.pairs; there are none")
    }
    if settings.method.isRatio && settings.backscatter == nil
      && SceneMagnitude.backscatter(of: file.ownSensor) == nil
    {
      problems.append(
        "'method: \(settings.method.rawValue)' compares backscatter, '\(file.sensor)' has none; 'backscatter' says what "
          + "bands of your own hold")
    }
    if file.comparison != nil {
      problems.append(
        "the network compares the dates itself ('compares'); scenes are compared in a file of their own")
    }
    if let problem = SceneMagnitude.problem(ofUnit: settings.backscatter, with: file.ownSensor) {
      problems.append(problem)
    }
    let hasBackscatter = settings.backscatter != nil || SceneMagnitude.backscatter(of: file.ownSensor) != nil
    if settings.normalization != .none && hasBackscatter {
      problems.append("'radiometric-normalisation' is of optical bands; backscatter is compared by ratios")
    }
    guard !settings.method.comparesScenes else { return problems }
    if !earlier.contains(where: { type(of: $0.stage).produces == .maps }) {
      problems.append("needs class maps: put inference before it, or choose a method that compares scenes")
    }
    let most = PostClassification.largestClassCount
    if file.classes.count > most {
      problems.append("from-to maps hold \(most) classes at most, the file has \(file.classes.count)")
    }
    return problems
  }

  func jobs(in planning: Planning) throws -> [Job] {
    if settings.method == .omnibus { return seriesJobs(in: planning) }
    return settings.method.comparesScenes ? sceneJobs(in: planning) : mapJobs(in: planning)
  }

  private func seriesJobs(in planning: Planning) -> [Job] {
    let (file, settings) = (planning.file, settings)
    return planning.series.map { scenes in
      let inputs = scenes.enumerated().map { ("date \($0.offset)", Planning.Input.scene($0.element)) }
      let subject =
        file.data.pairing == .series
        ? Job.subject(seriesFrom: scenes[0].name)
        : Job.subject(before: scenes[0].name, after: scenes[1].name)
      // The legend names the dates.
      let names = Planning.Input.text(scenes.map(\.name).joined(separator: "\n"))
      return planning.job(
        "compare \(scenes.count) dates from \(scenes[0].name)", subject: subject, in: .cache, uses: [.bands],
        inputs: Dictionary(uniqueKeysWithValues: inputs + [("names", names)])
      ) { context in
        try SeriesComparison(file: file, settings: settings, scenes: scenes, context: context).run()
      }
    }
  }

  private func mapJobs(in planning: Planning) -> [Job] {
    let (file, settings) = (planning.file, settings)
    let maps = Dictionary(
      planning.latestJobs(producing: .maps).map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first }
    )
    return planning.pairs.compactMap { pair in
      // A scene that is still arriving has no map tonight, and so its pair no comparison.
      guard let before = maps[pair.before.name], let after = maps[pair.after.name] else { return nil }
      return planning.job(
        "compare \(before.subject) with \(after.subject)",
        subject: Job.subject(before: before.subject, after: after.subject),
        in: .cache, uses: [.classes, .colors], after: [before, after]
      ) { context in
        try ClassComparison(
          file: file, settings: settings, scenes: [pair.before, pair.after], context: context
        ).run()
      }
    }
  }

  private func sceneJobs(in planning: Planning) -> [Job] {
    let (file, settings) = (planning.file, settings)
    return planning.pairs.map { before, after in
      planning.job(
        "compare \(before.name) with \(after.name)",
        subject: Job.subject(before: before.name, after: after.name), in: .cache,
        uses: [.bands], inputs: ["before": .scene(before), "after": .scene(after)]
      ) { context in
        try SceneComparison(file: file, settings: settings, before: before, after: after, context: context)
          .run()
      }
    }
  }
}
