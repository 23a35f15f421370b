import Foundation
import Pipelines
import Settings
import Testing

/// Settings that a pipeline file could once have.
@Suite("Retired settings")
struct RetiredSettingsTests {
  private func parse(_ stages: String) throws -> Pipeline {
    try Pipeline.parse(
      """
      sensor: sentinel-2-l2a
      bands: [B02]
      classes: [{value: 1, name: water}, {value: 2, name: trees}]
      data: {source: [{scene: a.tif, labels: b.tif}], target: [{scene: a.tif, labels: b.tif}]}
      stages:
        - pretrain-load
      \(stages)
      """, path: "p.yaml", url: URL(fileURLWithPath: "/p.yaml"), stages: .standard, checksPaths: false)
  }

  @Test(
    "One that is written is an error that says what is done instead",
    arguments: [
      (
        "  - fine-tune: {clip-norm: 1}",
        "'clip-norm' is no setting of fine-tune any more: gradients are taken"
      ),
      (
        "  - fine-tune: {loss: [ohem], hard-share: 0.5}",
        "'hard-share' is no setting of fine-tune any more: ohem"
      ),
      (
        "  - fine-tune: {l2-sp: 0.1, l2-sp-head: 0.1}",
        "'l2-sp-head' is no setting of fine-tune any more: beside"
      ),
      (
        "  - fine-tune: {sampling: rare-classes, sampling-temperature: 0.1}",
        "'sampling-temperature' is no setting of fine-tune any more: rare-classes draws"
      ),
      (
        "  - fine-tune: {loss: [tversky], tversky-false-positives: 0.5}",
        "'tversky-false-positives' is no setting of fine-tune any more: in tversky"
      ),
      (
        "  - fine-tune\n  - evaluate: {split: forward-in-time, same-place-is-seen: false}",
        "'same-place-is-seen' is no setting of evaluate any more: earlier labels"
      ),
    ])
  func message(stages: String, message: String) throws {
    let error = #expect(throws: PipelineFileError.self) { _ = try parse(stages) }
    let text = "\(try #require(error))"
    #expect(text.contains(message), "\(text)")
    #expect(!text.contains("unknown key"), "\(text)")
  }

  @Test("One with a default counts in keys as it did: files without it keep their keys")
  func keys() throws {
    let stages = try parse("  - fine-tune\n  - evaluate: {split: forward-in-time}").stages
    let (recipe, evaluation) = (stages[1].settings, stages[2].settings)
    #expect(recipe["hard-share"] == 0.25 && recipe["l2-sp-head"] == 0.01)
    #expect(recipe["sampling-temperature"] == 0.2 && recipe["tversky-false-positives"] == 0.3)
    #expect(evaluation["same-place-is-seen"] == true)
    #expect(recipe["clip-norm"] == nil)
  }
}
