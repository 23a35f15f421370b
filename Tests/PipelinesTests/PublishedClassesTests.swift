import Foundation
import Pipelines
import Rasters
import Testing

/// A pipeline that maps with published weights as they are.
@Suite("Classes of published weights")
struct PublishedClassesTests {
  private func pipeline(
    classes: String = "", card: String = "ukis-csmask-6b-l2a", architecture: String = "unet"
  ) throws -> Pipeline {
    try Pipeline.parse(
      """
      sensor: sentinel-2-l2a
      bands: [B02, B03, B04, B08, B11, B12]
      \(classes)
      stages:
        - pretrain-load: {architecture: \(architecture), encoder: efficientnet-b4, weights: w.onnx, published-card: \(card)}
        - inference
        - geotiff

      """, path: "p.yaml", url: URL(fileURLWithPath: "/nowhere/p.yaml"), stages: .standard, checksPaths: false
    )
  }

  private func mistakes(_ read: () throws -> Pipeline) -> String {
    do {
      _ = try read()
      return "no mistake"
    } catch { return "\(error)" }
  }

  @Test("a file without classes maps those that the weights tell apart, with the card's colours")
  func taken() throws {
    let file = try pipeline().file
    #expect(file.classes.map(\.value) == [0, 1, 2])
    #expect(file.classes.map(\.name) == ["clear", "cloud", "shadow"])
    #expect(file.classes.map(\.color) == ["#5b8c5a", "#f5f5f5", "#3a3a6a"].map { Color($0) })
  }

  @Test("classes of the file win")
  func own() throws {
    let file = try pipeline(classes: "classes: [{value: 3, name: a}, {value: 4, name: b}]").file
    #expect(file.classes.map(\.name) == ["a", "b"])
  }

  @Test(
    "weights of another network, or without classes of their own, give none",
    arguments: [
      ("ukis-csmask-6b-l2a", "fpn"), ("ftw-unet-efficientnet-b3", "unet"),
    ])
  func none(card: String, architecture: String) {
    let problem = mistakes { try pipeline(card: card, architecture: architecture) }
    #expect(problem.contains("a network learns 'classes'; the file has none"), "\(problem)")
  }
}
