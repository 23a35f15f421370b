import Foundation
import Rasters
import Testing

/// Classes of a pipeline file that list the labels which stand for them.
@Suite("Labels of classes in pipeline files", .startsCommand, .serialized)
struct ListedClassTests {
  private func pipeline(_ site: StagesSite, classes: String, more: String = "") throws {
    let text = """
      name: listed
      sensor: sentinel-2-l2a
      bands: [B03, B08]
      classes: \(classes)
      data: {target: [{scene: scene.tif, labels: labels.tif\(more)}]}
      chips: {size: 32, stride: 32}
      stages:
        - pretrain-load: {architecture: pixelwise, encoder: mlp}
        - fine-tune: {strategy: full, encoder-rate: 1, learning-rate: 1e-2, epochs: 1, validation: 0}
      """
    try Data(text.utf8).write(to: site.url("listed.yaml"))
  }

  private func site() throws -> StagesSite {
    let site = try StagesSite()
    let ground = StagesSite.Ground()
    try site.scene("scene.tif", ground)
    let writer = try RasterWriter(
      path: site.url("labels.tif").path, grid: ground.grid,
      options: .init(type: .uint16, bandNames: ["class"], noData: 0))
    let values = (0..<ground.width * ground.height).map { place -> UInt16 in
      let (row, column) = (place / ground.width, place % ground.width)
      return ground.kind(row, column) == 0 ? 511 : row < 32 ? 2253 : 2360
    }
    try writer.write(ground.grid.bounds, values)
    try writer.close()
    return site
  }

  private static let merged =
    "[{value: 1, name: water, labels: [511]}, {value: 2, name: trees, labels: [2253, 2360, Dense forrest]}]"

  @Test(
    "validate and the findings of a training say how many pixels come from which label, and which is nowhere")
  func counted() throws {
    let site = try site()
    try pipeline(site, classes: Self.merged)
    let validated = try site.command("validate", "listed.yaml")
    #expect(validated.code == 0, "\(validated)")
    #expect(
      validated.output.contains(/remark: labels of 'trees': 2253: \d+ pixels, 2360: \d+ pixels/)
        || validated.output.contains(/remark: labels of 'trees': 2360: \d+ pixels, 2253: \d+ pixels/),
      "\(validated.output)")
    #expect(
      validated.output.contains("remark: no pixel is labelled 'Dense forrest', which 'trees' lists"),
      "\(validated.output)")
    let run = try site.run("listed.yaml", "--threads", "1")
    try #require(run.code == 0, "\(run.errors)")
    let summary = try #require(try site.json("output/listed/runs/latest/summary.json") as? [String: Any])
    let stages = try #require(summary["stages"] as? [[String: Any]])
    let task = try #require((stages[1]["tasks"] as? [[String: Any]])?.first)
    let rows = SummaryFindings(of: task).rows("label-origins")
    #expect(rows.compactMap { $0["label"] as? String } == ["511", "2253", "2360"])
    #expect(rows.compactMap { $0["pixels"] as? Int }.reduce(0, +) == 64 * 64)
    #expect(rows.map { $0["class"] as? String } == ["water", "trees", "trees"])
    // Another list makes other labels of the same file.
    try pipeline(
      site,
      classes: "[{value: 1, name: water, labels: [511, 2360]}, {value: 2, name: trees, labels: [2253]}]")
    let dry = try site.run("listed.yaml", "--dry-run")
    #expect(dry.output.contains("fine-tune:fine-tune\tto do"), "\(dry.output)")
  }

  @Test(
    "A label that would be two classes is a mistake, and so is one that is listed twice, or no label",
    arguments: [
      (
        "[{value: 1, name: water, labels: [511]}, {value: 2, name: trees, labels: [2253, 511.0]}]",
        "the label '511.0' would be two classes: 'water' lists it, and 'trees' lists it"
      ),
      (
        "[{value: 1, name: water, labels: [2]}, {value: 2, name: trees}]",
        "the label '2' would be two classes: 'water' lists it, and 'trees' has it as its own value or name"
      ),
      (
        "[{value: 1, name: water, labels: [511]}, {value: 2, name: trees, labels: [Oak, ' oak']}]",
        "'trees' lists the label ' oak' twice"
      ),
      (
        "[{value: 1, name: water, labels: []}, {value: 2, name: trees}]",
        "'labels' is empty: no label would be 'water'"
      ),
    ])
  func refused(classes: String, message: String) throws {
    let site = try site()
    try pipeline(site, classes: classes)
    let found = try site.command("validate", "listed.yaml")
    #expect(found.code == 78 && found.errors.contains(message), "\(found)")
  }
}
