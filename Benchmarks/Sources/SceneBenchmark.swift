import Checkpoints
import Classes
import Foundation
import Models
import Rasters
import Scenes
import Tensors

/// A scene on disk to a class map on disk: `terrane run` against a program of rasterio, ONNX Runtime and NumPy that does the
/// same windows, the same blending and the same kind of file.
struct SceneBenchmark {
  static let side = 4096
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let scene = try SyntheticScene(side: Self.side, in: folder)
    try contest(
      scene.url, offset: 0, side: Self.side,
      "Scene to raster: \(Self.side) x \(Self.side) x 13 uint16 GeoTIFF to a class COG, windows of 512, overlap 64",
      &report)
  }

  /// Maps a Sentinel-2 product as it is delivered: JPEG 2000, three sizes of pixels, an offset in its metadata.
  func runProduct(_ report: inout Report) throws {
    let side = 10_980
    let name = "S2A_MSIL1C_20230614T100031_N0509_R122_T33TWM_20230614T150000.SAFE"
    let product = folder.appendingPathComponent(name)
    defer { try? FileManager.default.removeItem(at: product) }
    let drawing = Peers.folder.appendingPathComponent("safe.py").path
    try Command(Peers.python, [drawing, product.path, "--side", "\(side)"]).run()
    let seconds = try contest(
      product, offset: -0.1, side: side,
      "Product to raster: a Sentinel-2 L1C SAFE of 13 bands, lossy JPEG 2000, 10, 20 and 60 m, to a class COG of 10 m",
      &report)
    let decoding = try Self.decodingSeconds(of: product, threads: threads)
    report.line(
      String(
        format: "Decoding the 13 images alone, on %d threads: %.1f s, %.0f %% of terrane's time.", threads,
        decoding,
        100 * decoding / seconds))
  }

  /// Returns the seconds in which all images of a product are decoded, strip by strip.
  private static func decodingSeconds(of product: URL, threads: Int) throws -> Double {
    GDALLibrary.start(threads: threads)
    let start = Date()
    for path in try SceneSource(path: product.path).files {
      let file = try RasterFile(path: path)
      for strip in file.grid.bounds.strips(ofHeight: 1024) { _ = try file.read(strip, band: 1) }
    }
    return Date().timeIntervalSince(start)
  }

  /// Has both map a scene, by turns.
  ///
  /// - Returns: terrane's seconds, the median of its rounds.
  @discardableResult
  private func contest(_ scene: URL, offset: Double, side: Int, _ title: String, _ report: inout Report)
    throws
    -> Double
  {
    let network = try BenchmarkNetwork(encoder: "resnet18", in: folder)
    let site = try Site(network, scene: scene, threads: threads, in: folder)
    let model = folder.appendingPathComponent("scene.onnx")
    let program = Peers.folder.appendingPathComponent("scene.py").path
    try Command(
      Peers.python,
      [program, "export", "--weights", network.weights.path, "--encoder", "resnet18", model.path]
    )
    .run()
    let theirs = Command(
      Peers.python,
      [
        program, scene.path, model.path, folder.appendingPathComponent("map.tif").path, "--threads",
        "\(threads)",
        "--window", "512", "--overlap", "64", "--scale", "0.0001", "--offset=\(offset)",
        "--mean=" + network.model.card.bands.map { "\($0.mean)" }.joined(separator: ","),
        "--deviation=" + network.model.card.bands.map { "\($0.deviation)" }.joined(separator: ","),
        "--classes", network.model.card.classes.map { "\($0.value)" }.joined(separator: ","),
      ])
    let contest = try Contest(
      [
        Ours(name: "terrane run, fp32") { try site.map() },
        Ours(name: "rasterio + ONNX Runtime fp32") { try theirs.run() },
      ], rounds: 3, warmUps: 0)
    report.section(title, contest, unit: "Mpx/s", amount: Double(side * side) / 1e6)
    report.line(
      "Whole commands by the clock on the wall, start of Python and of the libraries included; one COG of classes each."
    )
    return contest.median(0)
  }
}

/// A pipeline that maps one scene, in a folder of its own.
struct Site {
  let folder: URL
  let output: URL
  private let command: Command

  init(
    _ network: BenchmarkNetwork, scene: URL, threads: Int, window: Int = 512, overlap: Int = 64,
    precision: Precision = .fp32, in parent: URL
  ) throws {
    folder = parent.appendingPathComponent("site-" + scene.deletingPathExtension().lastPathComponent)
    output = folder.appendingPathComponent("output")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let classes = network.model.card.classes.map { "  - {value: \($0.value), name: \($0.name)}\n" }.joined()
    let file = folder.appendingPathComponent("pipeline.yaml")
    try """
    name: benchmark
    seed: 1
    output: output
    sensor: \(SyntheticScene.sensor.name)
    bands: [\(SyntheticScene.sensor.bands.map(\.name).joined(separator: ", "))]
    classes:
    \(classes)data: {scenes: \(scene.path)}
    stages:
      - pretrain-load: {encoder: \(network.encoder), weights: \(network.weights.path)}
      - inference: {window: \(window), overlap: \(overlap), memory: 2GiB, precision: \(precision.rawValue)}
      - geotiff: {confidence: false}
    """.write(to: file, atomically: true, encoding: .utf8)
    command = Command(Command.terrane, ["run", "--quiet", "--threads", "\(threads)", file.path])
  }

  /// Maps the scene from the beginning.
  ///
  /// - Returns: the most memory that the run had resident, in bytes.
  @discardableResult
  func map() throws -> Int {
    try? FileManager.default.removeItem(at: output)
    return try command.peakMemory()
  }

  /// Runs again, with nothing left to do.
  func runAgain() throws { try command.run() }
}
