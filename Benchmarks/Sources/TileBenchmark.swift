import CPUKernels
import Foundation
import Scenes
import Tensors

/// A scene as large as a Sentinel-2 tile through U-Nets over transformers: whole commands and their memory.
struct TileBenchmark {
  static let side = 10_240
  static let encoders = ["prithvi_eo_v2_tiny_tl", "vit_small_patch16_224"]
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let scene = try SyntheticScene(side: Self.side, in: folder)
    defer { try? FileManager.default.removeItem(at: scene.url) }
    report.heading(
      "Tile: `terrane run` on \(Self.side) x \(Self.side) x 13 uint16 with U-Nets over transformers, windows of 224, "
        + "overlap 32, memory 2 GiB")
    report.line("| encoder | precision | seconds | Mpx/s | peak MiB |")
    report.line("|---|---|---:|---:|---:|")
    for encoder in Self.encoders {
      let network = try BenchmarkNetwork(encoder: encoder, in: folder)
      for precision in Precision.allCases where KernelSet.computing(in: precision) != nil {
        let site = try Site(
          network, scene: scene.url, threads: threads, window: 224, overlap: 32, precision: precision,
          in: folder)
        let begin = Date()
        let peak = try site.map()
        let seconds = Date().timeIntervalSince(begin)
        let rates = String(format: "%.1f | %.2f", seconds, Double(Self.side * Self.side) / 1e6 / seconds)
        report.line("| `\(encoder)` | \(precision.rawValue) | \(rates) | \(peak >> 20) |")
        try FileManager.default.removeItem(at: site.folder)
      }
    }
  }
}
