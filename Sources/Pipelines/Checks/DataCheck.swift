import Checkpoints
import Foundation
import Mapping
import Runs
import Scenes
import Settings

/// A check that holds the headers of all files that a pipeline file names against it, before anything is
/// trained: no pixel is read, of vectors the features.
///
/// A fault in an entry of `source`, `target`, `test` or `unlabelled` is a mistake. A scene to map that is bad
/// costs no other scene, so it is a remark, unless all of them lack what the file asks for.
public struct DataCheck {
  let file: PipelineFile
  private let stages: [StageDeclaration]
  let classify: (any Error) -> RunFailure
  /// The largest number of scenes to map that are looked at.
  static let mostScenes = 200
  /// The largest number of scenes whose memory is forecast before one is found that fits.
  private static let mostForecasts = 100

  /// Creates a check of a pipeline.
  ///
  /// - Parameter classify: turns an error of a module into a failure, whose exit code says what kind of
  ///   mistake it is.
  public init(_ pipeline: Pipeline, classify: @escaping (any Error) -> RunFailure) {
    (file, stages, self.classify) = (pipeline.file, pipeline.stages, classify)
  }

  /// The mistakes and remarks of a check.
  public struct Findings: Sendable {
    /// The mistakes that keep the pipeline from being carried out, in the order of the file.
    public internal(set) var mistakes: [Diagnostic] = []
    /// Remarks that a user should know besides, in sentences.
    public var remarks: [String] = []
    /// The things that were looked at, in words.
    public internal(set) var looked: [String] = []

    /// Creates findings of a check that has looked at nothing yet.
    public init() {}
  }

  /// Looks at everything that the file names.
  ///
  /// - Parameter scenes: what it maps.
  public func findings(scenes: [SceneSource]) -> Findings {
    var findings = Findings()
    countImages(&findings)
    let made = foretold(of: scenes, &findings)
    checkEntries(Self.lists.flatMap { entries(of: $0, made: made) }, &findings)
    checkHiddenWords(scenes, &findings)
    checkWeights(&findings)
    let grounds = grounds(among: scenes, made)
    checkMapped(grounds, areAll: true, &findings)
    for (index, declaration) in stages.enumerated() {
      let earlier = stages[..<index].map(\.stage)
      guard declaration.isSound, let forecast = declaration.stage.peakMemory(in: file, after: earlier) else {
        continue
      }
      let forecasts = grounds.filter { !$0.isRefused }.map { ground in { try forecast(ground.entry) } }
      checkMemory(forecasts, areAll: true, of: declaration, &findings)
    }
    findings.mistakes = findings.mistakes.inOrderOfFile
    return findings
  }

  /// Checks the inputs of the jobs that are to be done, where training is among them: hours of it would be
  /// lost.
  ///
  /// - Parameter scenes: what the run maps; those count that no job has mapped yet. Where others were
  ///   mapped, what ails these is not the file's fault, and costs themselves alone.
  /// - Throws: `PipelineFileError` with all mistakes.
  public func beforeTraining(_ jobs: [Job], scenes: [SceneSource]) throws(PipelineFileError) {
    let declared = Dictionary(stages.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
    guard jobs.contains(where: { declared[$0.stage]?.stage.trains ?? false }) else { return }
    var findings = Findings()
    let read = jobs.flatMap(\.reads)
    let made = foretold(of: scenes, &findings)
    checkEntries(Self.lists.flatMap { entries(of: $0, made: made, readAs: read) }, &findings)
    if jobs.contains(where: { declared[$0.stage]?.stage.model?.network != nil }) { checkWeights(&findings) }
    let mapped = Set(jobs.filter { $0.produces == .maps }.map(\.subject))
    let grounds = grounds(among: scenes, made)
    let due = grounds.filter { mapped.contains($0.name) }
    let areAll = grounds.allSatisfy { mapped.contains($0.name) || $0.isRefused }
    checkMapped(due, areAll: areAll, &findings)
    for (label, same) in Dictionary(grouping: jobs.filter { $0.peakMemory != nil }, by: \.stage) {
      guard let declaration = declared[label] else { continue }
      checkMemory(same.compactMap(\.peakMemory), areAll: areAll, of: declaration, &findings)
    }
    guard findings.mistakes.isEmpty else { throw PipelineFileError(findings.mistakes.inOrderOfFile) }
  }

  // MARK: - Made scenes

  /// The first of the stages at the beginning that make scenes: it reads those that were delivered.
  var firstMaking: (any SceneMakingStage)? { stages.map(\.stage).makingScenes.first }

  /// Returns what the stages at the beginning make of scenes; nil where they make none.
  private func foretold(of scenes: [SceneSource], _ findings: inout Findings) -> SceneSupply? {
    do { return try SceneSupply(foretelling: file, stages, scenes: scenes) } catch {
      findings.mistakes.append(mistake(error, at: stages.first?.origin))
      return nil
    }
  }

  private func grounds(among scenes: [SceneSource], _ made: SceneSupply?) -> [MapSubject] {
    MapSubject.all(of: made?.file ?? file, among: made?.scenes ?? scenes)
  }

  // MARK: - Weights, masks and memory

  /// Reports what the file hides of scenes although none of their masks knows it.
  private func checkHiddenWords(_ scenes: [SceneSource], _ findings: inout Findings) {
    guard let place = file.hidePlace, case .product = file.masking.origin else { return }
    let listed = Self.lists.flatMap { entries(of: $0) }.flatMap { entry in
      [entry.scene.before, entry.scene.scene].compactMap(\.self)
    }
    let rules = (scenes + listed).flatMap(\.masks).map(\.rule.vocabulary)
    guard !rules.isEmpty else { return }
    let strange = file.masking.hidden.subtracting(MaskWords(rules))
    guard !strange.isEmpty else { return }
    let known = MaskWords(rules).names.joined(separator: ", ")
    findings.mistakes.append(
      file.source.diagnostic(
        .settings, at: place,
        "no mask of the scenes knows '\(strange.names.joined(separator: "', '"))' (they know: \(known))"))
  }

  private func checkWeights(_ findings: inout Findings) {
    for declaration in stages {
      guard declaration.isSound, let network = declaration.stage.model?.network, !network.isFresh else {
        continue
      }
      do throws(CheckpointError) { try network.checkWeights(for: file) } catch {
        // Weights that an earlier pipeline has yet to make are a missing path, which the file's reading has
        // told.
        guard error.code != .notFound else { continue }
        findings.mistakes.append(mistake(error, at: declaration.origin, "\(declaration.label): "))
      }
      findings.looked.append("the header of the weights")
    }
  }

  /// Reports memory that holds no window of any scene as a mistake of the file; which scene is too large for
  /// it shows when it is mapped.
  private func checkMemory(
    _ forecasts: [() throws -> Int], areAll: Bool, of declaration: StageDeclaration,
    _ findings: inout Findings
  ) {
    var failure: SlidingInference.Failure?
    for forecast in forecasts.prefix(Self.mostForecasts) {
      do {
        _ = try forecast()
        findings.looked.append("the memory of \(declaration.label)")
        return
      } catch let error as SlidingInference.Failure {
        failure = failure ?? error
      } catch {
        continue
      }
    }
    if areAll, let failure {
      findings.mistakes.append(mistake(failure, at: declaration.origin, "\(declaration.label): "))
    }
  }

  /// Returns an error as a mistake of the file.
  func mistake(_ error: any Error, at origin: Origin?, _ prefix: String = "") -> Diagnostic {
    let failure = RunFailure(of: error, otherwise: classify)
    let kind: Diagnostic.Kind =
      switch failure.exitCode {
      case .noInput: .missingInput
      case .badPipelineFile, .usage: .settings
      case .inputOutput: .inputOutput
      default: .badData
      }
    return file.source.diagnostic(kind, at: origin, prefix + failure.reason)
  }
}
