import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

@Suite("Several networks trained as one", .startsCommand, .serialized)
struct EnsembleStageTests {
  @Test(
    "The first member is what a training alone gives, the others have numbers of their own; they map together"
  )
  func members() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try site.labels("labels.tif")
    let data = "{target: [{scene: scene.tif, labels: labels.tif}], scenes: scene.tif}"
    func model(_ name: String, _ settings: String) throws -> Model {
      try site.pipeline(
        name, data: data,
        stages: [
          "pretrain-load:", "fine-tune: {strategy: full, epochs: 2, batch: 4\(settings)}",
          "inference: {window: 64, overlap: 16}",
        ])
      let run = try site.run("\(name).yaml", "--threads", "2")
      try #require(run.code == 0, "\(run.errors)")
      return try Model(
        contentsOf: site.url("output/\(name)/models/latest/model.safetensors").path)
    }
    let (alone, together) = (try model("alone", ""), try model("together", ", ensemble: 2"))
    #expect(alone.card.members == nil && together.card.members == 2)
    var others = 0
    for parameter in alone.network.parameters.all {
      let path = parameter.path
      #expect(
        together.network.parameters["members.0." + path]!.tensor.values == parameter.tensor.values, "\(path)")
      others +=
        together.network.parameters["members.1." + path]!.tensor.values == parameter.tensor.values ? 0 : 1
    }
    #expect(others > alone.network.parameters.all.count / 2)
  }

  @Test("A dry run counts the networks that training will leave, and those of weights that are there")
  func forecast() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try site.labels("labels.tif")
    let labelled = "[{scene: scene.tif, labels: labels.tif}]"
    /// What mapping will take, in MiB.
    func forecast(_ load: String, _ learn: String...) throws -> Int {
      try site.pipeline(
        "plan", data: "{source: \(labelled), target: \(labelled), scenes: scene.tif}",
        stages: [load] + learn + ["inference: {window: 64, overlap: 16}"])
      let said = try site.run("plan.yaml", "--dry-run")
      let size = try #require(
        said.output.firstMatch(of: /in at most (\d+) MiB/), "\(said.output)\(said.errors)")
      return Int(size.1)!
    }
    // A network has 55 MiB of weights, and takes more when it is made ready.
    let alone = try forecast("pretrain-load:", "fine-tune:")
    let two = try forecast("pretrain-load:", "fine-tune: {ensemble: 2}")
    #expect(two >= alone + 55)
    #expect(try forecast("pretrain-load:", "fine-tune: {averaging: snapshots, snapshots: 2}") == two)
    let four = try forecast(
      "pretrain-load:", "fine-tune: {averaging: snapshots, snapshots: 2}",
      "domain-adaptation: {method: coral, averaging: snapshots, snapshots: 2}")
    #expect(four >= two + 110)
    try site.weights("one.safetensors")
    let model = try Model(contentsOf: site.url("one.safetensors").path)
    try Model(ensembleOf: [model, model]).write(to: site.url("two.safetensors").path)
    #expect(try forecast("pretrain-load: {weights: two.safetensors}") == two)
    // What is loaded afresh is not what was trained before.
    #expect(
      try forecast("pretrain-load:", "fine-tune: {ensemble: 2}", "pretrain-load:", "fine-tune:") == alone)
  }

  @Test("A low-rank update is of one network")
  func lowRank() throws {
    let site = try StagesSite()
    try site.scene("scene.tif")
    try site.labels("labels.tif")
    try site.pipeline(
      "wrong", data: "{target: [{scene: scene.tif, labels: labels.tif}]}",
      stages: ["pretrain-load:", "fine-tune: {strategy: lora, ensemble: 3}"])
    let said = try site.command("validate", "wrong.yaml")
    #expect(
      said.code == 78 && said.errors.contains("'ensemble' leaves no single low-rank update"), "\(said.errors)"
    )
  }
}
