import Foundation
import Scenes

/// How time and memory grow with the scene: the one with its pixels, the other not at all.
struct GrowthBenchmark {
  static let sides = [1024, 2048, 4096, 8192, 16384]
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let network = try BenchmarkNetwork(encoder: "resnet18", in: folder)
    report.heading("Growth: `terrane run` on scenes of 13 bands, windows of 512, overlap 64, memory 2 GiB")
    report.line("| side | seconds | seconds a megapixel | peak MiB |")
    report.line("|---:|---:|---:|---:|")
    for side in Self.sides {
      let scene = try SyntheticScene(side: side, in: folder)
      defer { try? FileManager.default.removeItem(at: scene.url) }
      let site = try Site(network, scene: scene.url, threads: threads, in: folder)
      let begin = Date()
      let peak = try site.map()
      let seconds = Date().timeIntervalSince(begin)
      let megapixels = Double(side * side) / 1e6
      report.line(
        "| \(side) | \(String(format: "%.1f | %.2f", seconds, seconds / megapixels)) | \(peak >> 20) |")
      try FileManager.default.removeItem(at: site.output)
    }
  }
}
