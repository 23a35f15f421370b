import Foundation
import TestRasters
import Testing

/// Embeddings through the stages, as any other scene.
@Suite("Pipelines on embeddings", .startsCommand, .serialized)
struct EmbeddingPipelineTests {
  private static let bands = (0..<64).map { ($0 < 10 ? "A0" : "A") + "\($0)" }

  /// AlphaEarth's signed bytes: the first band tells the two kinds of ground apart, -128 is no data.
  private func scene(_ name: String, in site: StagesSite, _ ground: StagesSite.Ground) throws {
    let scratch = Scratch()
    let values = Self.bands.indices.map { band in
      (0..<ground.width * ground.height).map { place -> Double in
        let (row, column) = (place / ground.width, place % ground.width)
        guard column >= ground.border else { return 128 }
        let code = band == 0 ? (ground.kind(row, column) == 0 ? -60 : 60) : (place * 7 + band * 13) % 21 - 10
        return Double(code < 0 ? code + 256 : code)
      }
    }
    let path = try scratch.image(
      name, bands: values, width: ground.width, grid: ground.grid, creation: ["PIXELTYPE=SIGNEDBYTE"])
    try FileManager.default.moveItem(at: URL(fileURLWithPath: path), to: site.url(name))
  }

  private func pipeline(_ network: String, in site: StagesSite) throws {
    let text = """
      name: embeddings
      seed: 3
      sensor: alphaearth
      bands: [\(Self.bands.joined(separator: ", "))]
      classes: [{value: 1, name: water}, {value: 2, name: trees}]
      data:
        source: [{scene: source.tif, labels: labels.tif}]
        test: [{scene: scene.tif, labels: truth.tif}]
        scenes: scene.tif
      chips: {size: 32, stride: 32}
      stages:
        - pretrain-load: \(network)
        - fine-tune: {data: source, strategy: full, encoder-rate: 1, epochs: 12, batch: 2, validation: 0, learning-rate: 3e-3}
        - evaluate: {split: held-out}
        - inference: {window: 32, overlap: 8}
        - geotiff:
      """
    try Data(text.utf8).write(to: site.url("embeddings.yaml"))
  }

  @Test(
    "A network learns from them and maps them; a pixel whose bytes are -128 has no class",
    arguments: ["{architecture: pixelwise, encoder: mlp}", "{architecture: unet, encoder: resnet18}"])
  func chain(network: String) throws {
    let site = try StagesSite()
    let (here, there) = (StagesSite.Ground(), StagesSite.Ground(layout: 2))
    try scene("source.tif", in: site, here)
    try site.labels("labels.tif", here)
    try scene("scene.tif", in: site, there)
    try site.labels("truth.tif", there)
    try pipeline(network, in: site)
    let checked = try site.command("validate", "embeddings.yaml")
    #expect(checked.code == 0 && !checked.errors.contains("probably wrong"), "\(checked.errors)")
    let run = try site.run("embeddings.yaml", "--threads", "2")
    #expect(run.code == 0, "\(run.errors)")
    let summary = try String(
      contentsOf: site.url("output/embeddings/runs/latest/summary.json"), encoding: .utf8)
    // A U-Net of a few steps learns little; that it runs is what counts.
    let accuracies = summary.matches(of: /"overall-accuracy": ?([0-9.]+)/).compactMap { Double($0.output.1) }
    #expect(try #require(accuracies.max()) > (network.contains("pixelwise") ? 0.9 : 0))
  }

  @Test("Values that are dequantised already are refused, with what reads them")
  func floats() throws {
    let site = try StagesSite()
    let ground = StagesSite.Ground()
    try scene("source.tif", in: site, ground)
    try site.labels("labels.tif", ground)
    try site.labels("truth.tif", ground)
    try site.scene("scene.tif", StagesSite.Ground(bandNames: Self.bands))
    try pipeline("{architecture: pixelwise, encoder: mlp}", in: site)
    let run = try site.command("validate", "embeddings.yaml")
    #expect(run.code != 0)
    #expect(run.errors.contains("alphaearth is stored as Int8; 'sensor: custom' takes numbers as they are"))
  }
}
