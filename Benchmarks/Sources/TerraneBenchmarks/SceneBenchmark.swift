import Checkpoints
import Classes
import Foundation
import Models
import Rasters
import Scenes

/// A scene on disk to a class map on disk: `terrane run` against a program of rasterio, ONNX Runtime and NumPy that does the
/// same windows, the same blending and the same kind of file.
struct SceneBenchmark {
  static let side = 4096
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let scene = try SyntheticScene(side: Self.side, in: folder)
    let network = try BenchmarkNetwork(encoder: "resnet18", in: folder)
    let site = try Site(network, scene: scene.url, threads: threads, in: folder)
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
        program, scene.url.path, model.path, folder.appendingPathComponent("map.tif").path, "--threads",
        "\(threads)",
        "--window", "512", "--overlap", "64", "--scale", "0.0001", "--offset", "0",
        "--mean=" + network.model.card.bands.map { "\($0.mean)" }.joined(separator: ","),
        "--deviation=" + network.model.card.bands.map { "\($0.deviation)" }.joined(separator: ","),
        "--classes", network.model.card.classes.map { "\($0.value)" }.joined(separator: ","),
      ])
    let contest = try Contest(
      [
        Ours(name: "terrane run, fp32") { try site.map() },
        Ours(name: "rasterio + ONNX Runtime fp32") { try theirs.run() },
      ], rounds: 3, warmUps: 0)
    report.section(
      "Scene to raster: \(Self.side) x \(Self.side) x 13 uint16 GeoTIFF to a class COG, windows of 512, overlap 64",
      contest, unit: "Mpx/s", amount: Double(Self.side * Self.side) / 1e6)
    report.line(
      "Whole commands by the clock on the wall, start of Python and of the libraries included; one COG of classes each."
    )
  }
}

/// A pipeline that maps one scene, in a folder of its own.
struct Site {
  let folder: URL
  let output: URL
  private let command: Command

  init(_ network: BenchmarkNetwork, scene: URL, threads: Int, window: Int = 512, in parent: URL) throws {
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
      - inference: {window: \(window), overlap: 64, memory: 2GiB}
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
