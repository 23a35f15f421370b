import Chips
import Foundation
import Testing

/// The methods of the stage that train on two domains, on rasters of 64 x 64 pixels.
@Suite("The stage domain-adaptation", .startsCommand, .serialized)
struct DomainAdaptationStageTests {
  private let data =
    "{source: [{scene: source.tif, labels: labels.tif}], unlabelled: [target.tif], "
    + "test: [{scene: target.tif, labels: truth.tif}]}"

  private func site() throws -> StagesSite {
    let site = try StagesSite()
    let (here, there) = (StagesSite.Ground(), StagesSite.Ground(layout: 2))
    try site.scene("source.tif", here)
    try site.labels("labels.tif", here)
    try site.scene("target.tif", there, gain: 1.3)
    try site.labels("truth.tif", there)
    try site.weights("weights.safetensors")
    return site
  }

  @Test("Each trains a pass and leaves a model that is scored")
  func methods() throws {
    let site = try site()
    let methods = [
      "mmd", "dann", "cdan", "output-adversary", "entropy", "self-training", "mean-teacher",
    ]
    try site.pipeline(
      "methods", data: data,
      stages: ["pretrain-load: {weights: weights.safetensors}"]
        + methods.map { "domain-adaptation: {method: \($0), epochs: 1, batch: 4}" }
        + [
          "domain-adaptation: {method: coral, domain-norm: per-domain, epochs: 1, batch: 4}",
          "evaluate: {split: held-out, from-scratch: false}",
        ])
    let run = try site.run("methods.yaml", "--threads", "2")
    #expect(run.code == 0 && !run.errors.contains("terrane:"), "\(run.errors)")
    let evaluation = try site.json("output/methods/reports/evaluate/evaluation.json") as? [String: Any]
    let names = (evaluation?["models"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(names == ["source only"] + (methods + ["coral"]).map { "adapted (\($0))" })
  }

  @Test(
    "Labels of the target stand in for the source's: the table says semi-supervised, folds leave them out in turn"
  )
  func labelsOfTheTarget() throws {
    let site = try site()
    let stage = "domain-adaptation: {method: mean-teacher, data: target, epochs: 1, batch: 4}"
    try site.pipeline(
      "few", data: "{target: [{scene: target.tif, labels: truth.tif}]}",
      stages: [
        "pretrain-load:", stage,
        "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0, from-scratch: false}",
      ])
    let run = try site.run("few.yaml", "--threads", "2")
    #expect(run.code == 0 && !run.errors.contains("terrane:"), "\(run.errors)")
    let evaluation = try site.json("output/few/reports/evaluate/evaluation.json") as? [String: Any]
    let names = (evaluation?["models"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    #expect(names == ["semi-supervised (mean-teacher)"])
    try site.pipeline("none", data: "{unlabelled: [target.tif]}", stages: ["pretrain-load:", stage])
    let said = try site.command("validate", "none.yaml")
    #expect(said.errors.contains("mean-teacher trains on the labels of data.target; there are none"))
  }

  @Test(
    "A setting that does not count for the method, or does not go with it, is an error",
    arguments: [
      ("{method: adabn, epochs: 3}", "'epochs' does not count for 'method: adabn'"),
      ("{method: adabn, rounds: 3}", "'rounds' does not count for 'method: adabn'"),
      ("{method: dann, rounds: 3}", "'rounds' does not count for 'method: dann'"),
      ("{method: entropy, pixels: 99}", "'pixels' does not count for 'method: entropy'"),
      ("{method: fourier, domain-norm: per-domain}", "'domain-norm' does not count for 'method: fourier'"),
      ("{method: coral, domain-norm: per-domain, blend: 0.5}", "'blend' is of AdaBN"),
      (
        "{method: mmd, domain-norm: per-domain, averaging: swa}", "'averaging: swa' takes all statistics anew"
      ),
      ("{method: mean-teacher, domain-norm: per-domain}", "need 'domain-norm: adabn'"),
      ("{method: mean-teacher, strategy: lora}", "mean-teacher averages weights; lora leaves them"),
      ("{method: mean-teacher, augmentation: {mixup: 0.2}}", "'mixup' leaves no pixel of one class"),
      ("{method: self-training, rounds: 4, epochs: 3}", "4 rounds in 3 passes"),
      ("{method: self-training, portion: 0.5, last-portion: 0.2}", "'last-portion' is below 'portion'"),
      ("{method: daan}", "did you mean 'dann'?"),
    ])
  func settings(written: String, message: String) throws {
    let site = try site()
    try site.pipeline("wrong", data: data, stages: ["pretrain-load:", "domain-adaptation: \(written)"])
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.contains(message), "\(said.errors)")
    #expect(said.errors.split(separator: "\n").count { $0.contains("error:") } == 1, "\(said.errors)")
  }

  @Test("Without labels of the source, and on chips too small for its discriminator, a method says so")
  func missing() throws {
    let site = try site()
    try site.pipeline(
      "missing", data: "{unlabelled: [target.tif]}",
      stages: [
        "pretrain-load: {weights: weights.safetensors}", "domain-adaptation: {method: output-adversary}",
      ])
    let said = try site.command(
      "validate", "missing.yaml", "--set", "chips.size=16", "--set", "chips.stride=16")
    #expect(said.code == 78)
    for message in [
      "output-adversary trains on the labels of data.source; there are none",
      "output-adversary halves a chip five times: 'chips.size' must be 32 or more",
    ] { #expect(said.errors.contains(message), "\(said.errors)") }
  }
}
