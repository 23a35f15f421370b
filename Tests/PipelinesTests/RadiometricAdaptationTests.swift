import Checkpoints
import Chips
import Foundation
import Testing

/// Scenes adjusted by a pipeline: what stands in the card, and what maps see of it.
@Suite("Scenes adjusted by a pipeline", .startsCommand, .serialized)
struct RadiometricAdaptationTests {
  private func card(_ site: StagesSite, _ name: String) throws -> [ModelCard] {
    try site.contents("output/\(name)/models").filter { $0.key.hasSuffix("card.json") }
      .map { try JSONDecoder().decode(ModelCard.self, from: $0.value) }
  }

  @Test(
    "A scene twice as bright gets the map of the scene as it was, by either method",
    arguments: [
      "standardise", "histogram-matching",
    ])
  func brighter(method: String) throws {
    let site = try StagesSite()
    try site.scene("source.tif")
    try site.scene("incoming/a.tif")
    try site.scene("incoming/b.tif", gain: 2)
    try site.scene("incoming/dark.tif", gain: 0.05)
    try site.weights("weights.safetensors")
    let stages = ["pretrain-load: {weights: weights.safetensors}"]
    let mapping = ["inference: {window: 32, overlap: 8}", "geotiff:"]
    let data = "{source: [{scene: source.tif}], unlabelled: [incoming/b.tif], scenes: incoming}"
    try site.pipeline("raw", data: data, stages: stages + mapping)
    try site.pipeline(
      "adjusted", data: data, stages: stages + ["domain-adaptation: {method: \(method)}"] + mapping)
    for name in ["raw", "adjusted"] {
      let run = try site.run("\(name).yaml", "--threads", "2")
      #expect(run.code == 0, "\(run.errors)")
      // Numbers that are not the sensor's are told as they are in the file, adjusted or not.
      #expect(
        run.output.contains(/inference:dark: dark.tif: reflectance of next to nothing \(B03 from 0.00/),
        "\(name): \(run.output)")
    }
    func classes(_ name: String, _ scene: String) throws -> [UInt8] {
      try site.pixels("output/\(name)/products/\(scene)/landcover.tif")
    }
    #expect(try classes("raw", "a") != classes("raw", "b"))
    #expect(try classes("adjusted", "a") == classes("adjusted", "b"))
    #expect(try card(site, "raw").allSatisfy(\.radiometry.isEmpty))
    #expect(try card(site, "adjusted").map(\.radiometry.count).sorted() == [0, 1])
    let text = try site.contents("output/raw/models").first { $0.key.hasSuffix("card.json") }?.value
    #expect(text.map { !String(decoding: $0, as: UTF8.self).contains("radiometry") } == true)
  }

  @Test("Training, scoring and folds see adjusted scenes; the Fourier method trains")
  func learning() throws {
    let site = try StagesSite()
    let (here, there) = (StagesSite.Ground(), StagesSite.Ground(layout: 2))
    try site.scene("source.tif", here)
    try site.labels("source-labels.tif", here)
    try site.scene("target.tif", there, gain: 2)
    try site.labels("truth.tif", there)
    try site.pipeline(
      "learning",
      data:
        "{source: [{scene: source.tif, labels: source-labels.tif}], unlabelled: [target.tif], "
        + "test: [{scene: target.tif, labels: truth.tif}]}",
      stages: [
        "pretrain-load:", "domain-adaptation: {method: standardise}",
        "fine-tune: {data: source, strategy: full, epochs: 1, batch: 4, validation: 0}",
        "domain-adaptation: {method: fourier, epochs: 1, batch: 4, beta: 0.05}",
        "domain-adaptation: {method: histogram-matching}",
        "evaluate: {split: held-out, from-scratch: false}",
        "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0, from-scratch: false}",
      ])
    let run = try site.run("learning.yaml", "--threads", "2")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try site.statuses("learning").allSatisfy { $0.hasSuffix(": done") })
    #expect(
      try card(site, "learning").map { $0.radiometry.map(\.methodName) }.sorted { $0.count < $1.count } == [
        [], ["standardise"], ["standardise"], ["standardise"], ["standardise", "histogram-matching"],
      ])
  }

  @Test(
    "A scene of another sensor is read by wavelength, and the summary says how; what cannot be is an error")
  func otherSensor() throws {
    let site = try StagesSite()
    try site.scene("source.tif", StagesSite.Ground(bandNames: ["SR_B2", "SR_B3", "SR_B5"]))
    try site.labels("source-labels.tif")
    try site.scene("target.tif", StagesSite.Ground(layout: 2))
    func write(_ sensor: String) throws {
      try site.pipeline(
        "other",
        data:
          "{source: [{scene: source.tif, labels: source-labels.tif, \(sensor)}], "
          + "unlabelled: [{scene: target.tif}, target.tif]}",
        stages: [
          "pretrain-load:", "fine-tune: {data: source, epochs: 1, head-epochs: 0, batch: 4, validation: 0}",
          "domain-adaptation:",
        ])
    }
    try write("sensor: landsat-8-oli-c2-l2")
    let run = try site.run("other.yaml", "--threads", "2")
    #expect(run.code == 0, "\(run.errors)")
    let summary = try site.contents("output/other/runs").filter { $0.key.hasSuffix("summary.json") }
    let text = summary.first.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    #expect(
      text.contains(
        "source.tif, landsat-8-oli-c2-l2: B3 (561 nm) for B03 (560 nm), B5 (865 nm) for B08 (842 nm)"))
    let read = try card(site, "other").first { !$0.history.isEmpty }
    #expect(read.map { $0.bands[1].mean < 0 } == true, "Landsat's offset of -0.2 is used")
    try write("sensor: sentinel-1-grd")
    let refused = try site.command("validate", "other.yaml")
    #expect(refused.code == 78 && refused.errors.contains("'source.tif': sentinel-1-grd has no band B03"))
    try write("missing-bands: interpolate")
    #expect(try site.command("validate", "other.yaml").errors.contains("'missing-bands' belongs to 'sensor'"))
  }

  @Test("Settings of other methods, and files without what a method needs, are errors")
  func problems() throws {
    let site = try StagesSite()
    try site.scene("a.tif")
    func said(_ data: String, _ stage: String) throws -> String {
      try site.pipeline("wrong", data: data, stages: ["pretrain-load:", "domain-adaptation: \(stage)"])
      return try site.command("validate", "wrong.yaml").errors
    }
    let source = "{source: [{scene: a.tif}], unlabelled: [a.tif]}"
    #expect(
      try said(source, "{method: standardise, epochs: 3}").contains(
        "'epochs' does not count for 'method: standardise'"))
    #expect(
      try said(source, "{method: adabn, beta: 0.1}").contains("'beta' does not count for 'method: adabn'"))
    #expect(
      try said("{unlabelled: [a.tif]}", "{method: histogram-matching}").contains(
        "data.source; there are none"))
    #expect(try said(source, "{method: fourier}").contains("fourier trains on the labels of data.source"))
    let radar = "{source: [{scene: a.tif, sensor: landsat-7-etm}], unlabelled: [a.tif]}"
    #expect(try said(radar, "{method: sensor-bands}").contains("'a.tif' is listed with different sensors"))
    let old = "{source: [{scene: a.tif, sensor: landsat-7-etm}]}"
    #expect(try said(old, "{method: sensor-bands}").contains("not landsat-7-etm"))
  }
}
