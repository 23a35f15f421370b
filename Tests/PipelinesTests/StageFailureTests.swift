import Checkpoints
import Chips
import Foundation
import Pipelines
import Products
import Runs
import Scenes
import Settings
import Testing

/// What a stage throws, whatever is later shown of it.
@Suite("Failures of stages name their culprits", .startsCommand, .serialized)
struct StageFailureTests {
  private func text(_ stages: String, data: String, chips: Int = 32) -> String {
    """
    name: bench
    sensor: sentinel-2-l2a
    bands: [B03, B08]
    classes: [{value: 1, name: water}, {value: 2, name: "trees & <shrubs>"}]
    data: \(data)
    chips: {size: \(chips), stride: \(chips)}
    stages: [\(stages)]
    """
  }

  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.weights("w.safetensors")
    try site.scene("one.tif")
    try site.labels("labels.tif")
    try site.scene("dark.tif", .init(border: 64))
    return site
  }

  /// Carries out stages, and returns what they throw.
  private func failure<Failure: ExitCoded>(
    _ type: Failure.Type, _ site: StagesSite, _ stages: String, data: String, scenes: [String] = [],
    chips: Int = 32
  ) throws -> Failure {
    let bench = StageBench(in: site.directory)
    return try #require(throws: type) {
      try bench.carryOut(text(stages, data: data, chips: chips), scenes: scenes)
    }
  }

  @Test("A fresh network needs a scene with valid pixels, weights of another sensor one of the target")
  func normalization() throws {
    let site = try site()
    let dark = try failure(
      NormalizationFailure.self, site, "pretrain-load: {}", data: "{unlabelled: [dark.tif]}")
    #expect(dark == .noValidChip(scenes: ["dark.tif"]) && dark.exitCode == .badData)
    #expect(
      dark.description
        == "pretrain-load: no chip of dark.tif is at least half valid: there is nothing to take the normalisation from"
    )
    try site.weights("other.safetensors") { card, _ in card.bands[1].name = "B04" }
    let none = try failure(
      NormalizationFailure.self, site, "pretrain-load: {weights: other.safetensors}",
      data: "{source: [{scene: one.tif, labels: labels.tif}]}")
    #expect(none == .nothingToMeasure(bands: ["B03", "B08"], sensor: "sentinel-2-l2a"))
    #expect(none.exitCode == .badPipelineFile)
    #expect(
      none.description
        == "pretrain-load: the weights were trained on other bands or another sensor; the normalisation of B03, B08 of "
        + "sentinel-2-l2a is measured on data.target or data.unlabelled; neither is there")
  }

  @Test(
    "An adaptation without a valid pixel says whether the target, the source or their common ground lacks it")
  func adaptation() throws {
    let site = try site()
    try site.scene("half.tif", .init(border: 40))
    try site.scene("south.tif", .init(epsg: 32733))
    func failure(_ method: String, source: String, target: String) throws -> DomainAdaptationFailure {
      try self.failure(
        DomainAdaptationFailure.self, site,
        "pretrain-load: {weights: w.safetensors}, domain-adaptation: {method: \(method)}",
        data: "{source: [{scene: \(source), labels: labels.tif}], unlabelled: [\(target)]}")
    }
    let target = try failure("adabn", source: "one.tif", target: "dark.tif")
    #expect(target == .noTargetChip && target.exitCode == .badData)
    #expect(target.description == "domain-adaptation: no chip of the target is at least half valid")
    let source = try failure("standardise", source: "dark.tif", target: "one.tif")
    #expect(source == .noSourcePixel && source.exitCode == .badData)
    #expect(source.description == "domain-adaptation: no pixel of data.source is valid")
    let apart = try failure("invariant-features", source: "one.tif", target: "south.tif")
    #expect(apart == .noCommonPixel(pairs: 0) && apart.exitCode == .badData)
    let ground =
      "domain-adaptation: invariant-features needs a scene of the target and one of data.source that show the same "
      + "ground, pixel on pixel; "
    #expect(apart.description == ground + "none do")
    let unseen = try failure("invariant-features", source: "one.tif", target: "dark.tif")
    #expect(unseen == .noCommonPixel(pairs: 1))
    #expect(unseen.description == ground + "where they do, no pixel is valid in both")
  }

  @Test("Chips of light get no speckle, and the failure says what the bands are in")
  func augmentation() throws {
    let site = try site()
    let failure = try failure(
      UnfitAugmentation.self, site,
      "pretrain-load: {}, fine-tune: {epochs: 1, batch: 4, augmentation: {speckle: 4}}",
      data: "{target: [{scene: one.tif, labels: labels.tif}]}")
    let problem = "speckle is for radar bands in dB, intensity or amplitude; the bands are in reflectance"
    #expect(failure == UnfitAugmentation([problem]) && failure.exitCode == .badPipelineFile)
    #expect(failure.description == "augmentation: \(problem)")
  }

  @Test("An evaluation that has nothing to split, to score or to compare says which")
  func evaluation() throws {
    let site = try site()
    let training = "fine-tune: {strategy: linear-probe, epochs: 1, batch: 4, validation: 0}"
    let few = try failure(
      EvaluationFailure.self, site,
      "pretrain-load: {}, \(training), evaluate: {split: leave-one-region-out}",
      data: "{target: [{scene: one.tif, labels: labels.tif}]}")
    guard case .split(let error) = few else {
      Issue.record("\(few)")
      return
    }
    #expect(error.code == .tooFew && few.exitCode == .badData)
    #expect(few.description == "evaluate: \(error)")
    let held = "{test: [{scene: dark.tif, labels: labels.tif}]}"
    let evaluate = "evaluate: {split: held-out, from-scratch: false}"
    let dark = try failure(
      EvaluationFailure.self, site, "pretrain-load: {weights: w.safetensors}, \(evaluate)", data: held)
    let path = site.url("dark.tif").path
    #expect(dark == .noValidPixel(scene: path) && dark.exitCode == .badData)
    #expect(dark.description == "evaluate: no pixel of \(path) around its labels is valid")
    let blank = try failure(
      EvaluationFailure.self, site,
      "pretrain-load: {}, evaluate: {split: held-out, from-scratch: false, on-negative-transfer: fail}",
      data: "{unlabelled: [one.tif], test: [{scene: one.tif, labels: labels.tif}]}")
    #expect(blank == .noVerdict && blank.exitCode == .badPipelineFile)
    #expect(
      blank.description == "evaluate: no model of the chain knows the classes, so there is no verdict")
  }

  @Test("A scene that a slide cannot cross is named, with the overlap that does not fit its pixels")
  func mapping() throws {
    let site = try site()
    func failure<Failure: ExitCoded>(_ type: Failure.Type, _ inference: String, _ scene: String) throws
      -> Failure
    {
      try self.failure(
        type, site, "pretrain-load: {weights: w.safetensors}, inference: {\(inference)}",
        data: "{scenes: \(scene)}", scenes: [scene])
    }
    let dark = try failure(InferenceFailure.self, "window: 64, overlap: 8", "dark.tif")
    guard case .slide(let scene, _) = dark else {
      Issue.record("\(dark)")
      return
    }
    #expect(scene == site.url("dark.tif").path && dark.exitCode == .badData)
    #expect(dark.description == "\(scene): no pixel of the scene is valid: all no-data, or not finite")
    let path = site.url("one.tif").path
    let wide = try failure(OverlapFailure.self, "window: 64, overlap: 640m", "one.tif")
    #expect(wide == .leavesNothing(path, overlap: .metres(640), pixels: 64, window: 64))
    #expect(wide.exitCode == .badData)
    #expect(
      wide.description
        == "\(path): an overlap of 640.0m, 64 of its pixels, leaves nothing of a window of 64")
    try site.scene("degrees.tif", .init(epsg: 4326))
    let degrees = site.url("degrees.tif").path
    let angular = try failure(OverlapFailure.self, "window: 64, overlap: 160m", "degrees.tif")
    #expect(angular == .notInMetres(degrees) && angular.exitCode == .badData)
    #expect(angular.description == "\(degrees): an overlap in metres needs a scene in metres")
  }

  @Test("A series of more dates than a byte names is refused before any of them is opened")
  func dates() throws {
    let site = try StagesSite()
    let names = (0...255).map { "s\($0).tif" }
    try site.radarScene("s0.tif", side: 16, seed: 1) { _, _ in 1 }
    for name in names.dropFirst() {
      try FileManager.default.copyItem(at: site.url("s0.tif"), to: site.url(name))
    }
    try site.radarPipeline(
      "series", data: "{scenes: s0.tif, pairing: series}", stages: "change-detection: {method: omnibus}")
    var pipeline = try Pipeline.read(site.url("series.yaml").path, stages: .standard)
    let scenes = try names.map { try SceneSource(path: site.url($0).path) }
    pipeline.file.data.series = [scenes]
    let plan = try Plan(
      pipeline, scenes: scenes, versions: [:], hashes: ContentHashes(store: nil, kinds: .plain))
    let bench = StageBench(in: site.directory)
    let failure = try #require(throws: TooManyDates.self) { try bench.carryOut(#require(plan.jobs.first)) }
    #expect(failure == TooManyDates(scene: site.url("s0.tif").path, count: 256, most: 255))
    #expect(failure.exitCode == .badData && failure.description == "\(failure.scene): 256 dates; 255 at most")
  }

  @Test("The second of two scenes of one name fails, the first one's files stay its own")
  func names() throws {
    let site = try Site()
    try site.write("incoming/a.txt", "one")
    let scene = try #require(site.incoming().first)
    let plan = try Plan(
      site.pipeline(), scenes: [scene, scene], versions: [:],
      hashes: ContentHashes(store: nil, kinds: .rasters))
    let maps = plan.jobs.filter { $0.stage == "map" }
    #expect(maps.map(\.id) == ["map:a", "map:a (2)"] && maps[0].refusal == nil)
    #expect(maps[1].refusal == RunFailure(RepeatedSceneName("a")))
    #expect(maps[1].refusal?.reason == "another scene is called 'a' as well")
    #expect(maps[1].refusal?.exitCode == .badData)
  }

  @Test(
    "A ranking refuses a pipeline without a network, without labels or with several classes at one place",
    arguments: [
      (
        "", "change-detection: {method: cva}",
        "{target: [{scene: a.tif, labels: l.tif}], pairing: by-date, scenes: in}",
        RankingFailure.noNetwork
      ),
      ("", "pretrain-load: {}", "{unlabelled: [a.tif]}", .noLabels),
      (
        "task: multi-label-classification", "pretrain-load: {architecture: classifier}",
        "{target: [{scene: a.tif, labels: l.tif}]}", .severalClasses(task: "multi-label-classification")
      ),
    ])
  func ranking(_ task: String, _ stages: String, _ data: String, _ failure: RankingFailure) throws {
    let directory = URL(fileURLWithPath: "/")
    let pipeline = try Pipeline.parse(
      text(stages, data: data, chips: 64) + "\n" + task, path: "p.yaml",
      url: directory.appendingPathComponent("p.yaml"), stages: .standard, checksPaths: false)
    let thrown = #expect(throws: failure) { try WeightRanking(pipeline) }
    #expect(thrown?.exitCode == .badPipelineFile)
    #expect(thrown?.description.hasPrefix("rank: ") == true)
  }
}
