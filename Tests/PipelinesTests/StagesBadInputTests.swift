import Checkpoints
import Chips
import Classes
import Foundation
import Rasters
import Tensors
import Testing

/// Input that is wrong, one thing at a time: the exit code, and a message that names the culprit.
@Suite("Bad input to the stages", .startsCommand, .serialized)
struct StagesBadInputTests {
  private let mapping = [
    "pretrain-load: {weights: weights.safetensors}", "inference: {window: 64, overlap: 16}", "geotiff:",
  ]

  /// Writes the bad scenes, each with what is said about it.
  private func badScenes(_ site: StagesSite) throws -> [(name: String, message: String)] {
    try site.scene("incoming/missing.tif", .init(bandNames: ["B02", "B03", "B04"]))
    try site.scene("incoming/count.tif", .init(bandNames: ["one", "two", "three"]))
    try site.scene("incoming/empty.tif", .init(border: 64))
    let grid = try StagesSite.Ground().grid
    let writer = try RasterWriter(
      path: site.url("incoming/nan.tif").path, grid: grid,
      options: .init(type: .float32, bandNames: StagesSite.bands))
    for band in 1...2 {
      try writer.write(grid.bounds, band: band, [Float](repeating: .nan, count: grid.bounds.pixelCount))
    }
    try writer.close()
    let path = site.url("incoming").path
    return [
      (
        "count",
        "\(path)/count.tif: cannot find the bands: the file has 3 bands without names that sentinel-2-l2a knows, "
          + "2 are wanted: B03, B08; say which is which with 'band-order'"
      ),
      ("empty", "\(path)/empty.tif: no pixel of the scene is valid: all no-data, or not finite"),
      ("missing", "\(path)/missing.tif: cannot find the bands: no band B08 among B02, B03, B04"),
      ("nan", "\(path)/nan.tif: no pixel of the scene is valid: all no-data, or not finite"),
    ]
  }

  @Test("Bad scenes are named and the others mapped, each in its own system; a bad one alone ends with 65")
  func scenes() throws {
    let site = try StagesSite()
    let bad = try badScenes(site)
    try site.scene("incoming/good.tif")
    try site.scene("incoming/south.tif", .init(epsg: 32733))
    try site.weights("weights.safetensors")
    try site.pipeline("scenes", data: "{scenes: incoming}", stages: mapping)
    let run = try site.run("scenes.yaml", "--quiet")
    #expect(run.code == 3)
    #expect(
      run.errors == bad.map { "terrane: inference:\($0.name): \($0.message)\n" }.joined()
        + "terrane: 4 more could not begin because of that\n")
    for (name, epsg) in [("good", "EPSG:32632"), ("south", "EPSG:32733")] {
      let map = try RasterFile(path: site.url("output/scenes/products/\(name)/landcover.tif").path)
      #expect(map.grid.crs?.authority == epsg && map.grid.width == 64)
    }
    #expect(try site.subjects(of: "scenes") == ["good", "south"])
    for (name, message) in bad {
      let alone = try site.run("scenes.yaml", "--quiet", "--scenes", "incoming/\(name).tif")
      #expect(
        alone.code == 65 && alone.errors.hasPrefix("terrane: inference:\(name): \(message)\n"), "\(name)")
    }
  }

  @Test("A training setting that changes nothing beside the others is an error that says what it belongs to")
  func idleSettings() throws {
    let site = try StagesSite()
    try site.scene("target.tif")
    try site.labels("labels.tif")
    func errors(_ settings: String, after: [String] = []) throws -> [String] {
      try site.pipeline(
        "idle", data: "{target: [{scene: target.tif, labels: labels.tif}]}",
        stages: ["pretrain-load: {}", "fine-tune: {\(settings)}"] + after)
      let lines = try site.command("validate", "idle.yaml").errors.split(separator: "\n")
      let words = [" counts for ", " does not go with ", " any more: "]
      return lines.filter { line in words.contains { line.contains($0) } }
        .map { String($0[$0.range(of: "'")!.lowerBound...]) }
    }
    let idle = "strategy: full, head-epochs: 2, rank: 4, cycles: 2, ema-decay: 0.9, focal-gamma: 1"
    #expect(
      try errors(idle) == [
        "'head-epochs' counts for 'strategy: linear-probe-then-full' only",
        "'rank' counts for 'strategy: lora' or 'adapters' only",
        "'cycles' counts for 'schedule: cosine-restarts' or 'triangular' only",
        "'ema-decay' counts for 'averaging: ema' only",
        "'focal-gamma' counts for 'loss: focal' only",
      ])
    #expect(
      try errors("strategy: lora, rank: 4, schedule: triangular, cycles: 2, loss: [focal], focal-gamma: 1")
        == [])
    #expect(
      try errors("strategy: lora, trained-share: 0.5")
        == ["'trained-share' does not go with lora, whose adapter would not be that of the model"])
    #expect(
      try errors("", after: ["evaluate: {split: spatial-blocks, test-time-augmentation: true}"]) == [
        "'test-time-augmentation' is no setting of evaluate any more: give it to 'inference': evaluate scores maps made as "
          + "'inference' makes them"
      ])
  }

  @Test("Weights that do not fit end with 65 and name the tensor; a card without statistics at hand with 78")
  func weights() throws {
    let site = try StagesSite()
    try site.scene("incoming/good.tif")
    try site.pipeline("weights", data: "{scenes: incoming}", stages: mapping)
    func expect(
      _ code: Int32, _ message: String, _ change: (inout ModelCard, inout Safetensors) -> Void
    ) throws {
      try site.weights("weights.safetensors", change)
      let run = try site.run("weights.yaml", "--quiet")
      #expect(run.code == code && run.errors.contains(message), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: site.url("output/weights/products/good").path))
    }
    let path = site.url("weights.safetensors").path
    try expect(65, "\(path): tensor 'encoder.layer3.0.conv1.weight' [256, 128, 3, 3] is missing") {
      $1.tensors["encoder.layer3.0.conv1.weight"] = nil
    }
    try expect(65, "\(path): tensor 'decoder.blocks.4.conv2.1.bias' is [8], the network wants [16]") {
      $1.tensors["decoder.blocks.4.conv2.1.bias"] = Tensor(repeating: 0, shape: [8])
    }
    try expect(65, "\(path): tensor 'encoder.bn1.weight' holds NaN or infinite values") {
      $1.tensors["encoder.bn1.weight"] = Tensor(repeating: .nan, shape: [64])
    }
    try expect(78, "pretrain-load: \(path): there is no model card in its metadata") { $1.metadata = [:] }
    try expect(65, "\(path): these are weights of unet with resnet34, the pipeline wants unet with resnet18")
    {
      card, _ in card.encoder = "resnet34"
    }
    try expect(
      78,
      "the normalisation of B03, B08 of sentinel-2-l2a is measured on data.target or data.unlabelled; neither is there"
    ) { card, _ in card.sensor = "landsat-8-oli" }
  }

  @Test("A model that has not learned the classes maps nothing and says so")
  func untrainedHead() throws {
    let site = try StagesSite()
    try site.scene("incoming/good.tif")
    try site.weights("weights.safetensors") { card, _ in card.classes[0].name = "sea" }
    try site.pipeline("untrained", data: "{scenes: incoming}", stages: mapping)
    let run = try site.run("untrained.yaml", "--quiet")
    #expect(run.code == 65)
    #expect(
      run.errors.contains("the model has not learned the classes water, trees & <shrubs> yet: fine-tune it"),
      "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: site.url("output/untrained/products").path))
  }

  @Test(
    "Chips that a transformer would cut to whole patches are refused",
    arguments: [("vit_small_patch14_dinov2_224", 28), ("prithvi_eo_v2_tiny_tl", nil), ("resnet18", nil)])
  func cutChips(encoder: String, multiple: Int?) throws {
    let site = try StagesSite()
    try site.scene("source.tif")
    // Chips have 32 pixels a side.
    try site.pipeline(
      "cut", data: "{source: [{scene: source.tif}]}",
      stages: ["pretrain-load: {architecture: unet, encoder: \(encoder)}"])
    let errors = try site.command("validate", "cut.yaml").errors
    #expect(errors.contains("cuts images to multiples of") == (multiple != nil), "\(errors)")
    guard let multiple else { return }
    #expect(
      errors.contains(
        "unet over \(encoder) cuts images to multiples of \(multiple) pixels a side: 'chips.size' is 32"),
      "\(errors)")
  }

  @Test("What is missing from the file is said at its stage, all at once, before anything is read")
  func incompleteFile() throws {
    let site = try StagesSite()
    try site.pipeline(
      "incomplete", data: "{}",
      stages: [
        "pretrain-load:", "domain-adaptation: {method: coral}", "fine-tune:", "evaluate:",
        "inference:", "change-detection:",
      ])
    let said = try site.command("validate", "incomplete.yaml")
    #expect(said.code == 78)
    for (line, message) in [
      (
        11,
        "pretrain-load: a fresh network takes its normalisation from data.source or data.target; neither is there"
      ),
      (12, "domain-adaptation: adapts to data.unlabelled or data.target; neither is there"),
      (12, "domain-adaptation: coral trains on the labels of data.source; there are none"),
      (13, "fine-tune: learns from the labels of data.target; there are none"),
      (14, "evaluate: a held-out split needs labelled scenes in data.test"),
      (16, "change-detection: compares data.pairs; there are none"),
    ] {
      #expect(said.errors.contains("incomplete.yaml:\(line):5: error: \(message)\n"), "\(said.errors)")
    }
    let classes = (0..<255).map { "{value: \($0), name: c\($0)}" }.joined(separator: ", ")
    for (name, text, message) in [
      ("none", "", "pretrain-load: a network learns 'classes'; the file has none"),
      ("many", "classes: [\(classes)]", "255 classes; maps of bytes hold 254 at most"),
      ("unnamed", "classes: [{value: 1, name: ''}, {value: 2, name: b}]", "'name' must be text like water"),
      ("sensor", "classes: [{value: 1, name: a}, {value: 2, name: b}]", "did you mean 'sentinel-2-l2a'?"),
    ] {
      try Data(
        """
        sensor: \(name == "sensor" ? "sentinel-2-l2b" : "sentinel-2-l2a")
        bands: [B03, B08]
        \(text)
        stages: [pretrain-load: {weights: w}]
        """.utf8
      ).write(to: site.url("\(name).yaml"))
      try Data().write(to: site.url("w"))
      let said = try site.command("validate", "\(name).yaml")
      #expect(said.code == 78 && said.errors.contains(message), "\(name): \(said.errors)")
    }
  }

  @Test("A wrong setting of a stage is one mistake, not two")
  func noFollowUp() throws {
    let site = try StagesSite()
    try site.weights("w")
    try site.scene("t.tif")
    try site.pipeline(
      "wrong", data: "{target: [{scene: t.tif}]}",
      stages: [
        "pretrain-load: {weights: w}", "domain-adaptation: {method: corel, epochs: 5}",
        "fine-tune: {data: sources}", "evaluate: {split: spatial-block}",
      ])
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.components(separatedBy: ": error: ").count == 4, "\(said.errors)")
  }

  @Test("Labels without a class of the pipeline, and a scene with nothing to measure, end with 65")
  func labels() throws {
    let site = try StagesSite()
    try site.scene("target.tif")
    try site.labels("labels.tif", values: [7, 9])
    try site.weights("weights.safetensors")
    let training = ["pretrain-load: {weights: weights.safetensors}", "fine-tune: {epochs: 1}"]
    try site.pipeline("labels", data: "{target: [{scene: target.tif, labels: labels.tif}]}", stages: training)
    let strange = try site.run("labels.yaml", "--quiet")
    #expect(strange.code == 65)
    #expect(
      strange.errors.contains(
        "\(site.url("labels.tif").path): cannot read labels: no labelled pixel of the pipeline's classes falls on target"
      ),
      "\(strange.errors)")

    try site.scene("dark.tif", .init(border: 64))
    try site.labels("dark-labels.tif")
    try site.pipeline(
      "dark", data: "{target: [{scene: dark.tif, labels: dark-labels.tif}]}",
      stages: ["pretrain-load:", "fine-tune: {epochs: 1}"])
    let dark = try site.run("dark.yaml", "--quiet")
    #expect(dark.code == 65)
    #expect(
      dark.errors.contains(
        "pretrain-load: no chip of dark.tif is at least half valid: there is nothing to take the normalisation from"
      ),
      "\(dark.errors)")

    try site.pipeline(
      "unseen", data: "{target: [{scene: dark.tif, labels: dark-labels.tif}]}", stages: training)
    let unseen = try site.run("unseen.yaml", "--quiet")
    #expect(
      unseen.code == 65 && unseen.errors.contains("there is no labelled chip to train on"), "\(unseen.errors)"
    )
  }
}
