import CPUKernels
import Checkpoints
import Foundation
import Models
import Rasters
import Tensors

/// The losses of 200 training steps on real chips against PyTorch's, from the same weights on the same batches.
///
/// Rounding alone drives two runs apart: PyTorch with one thread instead of two shows how far.
struct CurveBenchmark {
  private static let (size, batch, steps, bands) = (96, 6, 200, 6)
  /// Steps whose losses are averaged.
  private static let stretch = 25
  let folder: URL

  func run(_ report: inout Report) throws {
    report.heading(
      "Loss curve: \(Self.steps) steps of \(Self.batch) chips of \(Self.size) x \(Self.size), Landsat 7 over Gewata"
    )
    guard let data = Self.data else {
      report.line("Not run: TERRANE_DATA names no directory with landcover-gewata.")
      return
    }
    let network = try BenchmarkNetwork(encoder: "resnet18", bands: Self.bands, in: folder)
    let batches = try Self.batches(of: data)
    let file = folder.appendingPathComponent("chips.safetensors")
    let count = batches.count * Self.batch
    try Safetensors(tensors: [
      "input": Tensor(
        batches.flatMap(\.input.values), shape: [count, Self.bands, Self.size, Self.size]),
      "targets": Tensor(
        batches.flatMap { $0.targets.map(Float.init) }, shape: [count, Self.size, Self.size]),
    ]).write(to: file.path)

    var curves: [(name: String, losses: [Double])] = []
    for (name, threads) in [("PyTorch fp32", 2), ("PyTorch fp32, one thread", 1)] {
      let peer = try Peer(
        name,
        [
          "training", "--precision", "fp32", "--encoder", "resnet18", "--weights", network.weights.path,
          "--input", file.path, "--batch", "\(Self.batch)", "--threads", "\(threads)",
        ])
      for _ in 0..<Self.steps { _ = try peer.round() }
      curves.append((name, peer.losses))
    }
    for precision in Precision.allCases {
      guard let kernels = KernelSet.computing(in: precision) else { continue }
      let learner = Learner(try network.copy().network, on: kernels)
      for step in 0..<Self.steps {
        let batch = batches[step % batches.count]
        learner.step(batch.input, batch.targets)
      }
      curves.append(("terrane \(precision.rawValue)", learner.losses))
    }
    table(curves, &report)
  }

  /// Mean losses of stretches, and how far each curve is from the first.
  private func table(_ curves: [(name: String, losses: [Double])], _ report: inout Report) {
    let means = curves.map { curve in
      stride(from: 0, to: Self.steps, by: Self.stretch).map { first in
        curve.losses[first..<first + Self.stretch].reduce(0, +) / Double(Self.stretch)
      }
    }
    report.line("| steps | " + curves.map(\.name).joined(separator: " | ") + " |")
    report.line("|---|" + String(repeating: "---:|", count: curves.count))
    for place in means[0].indices {
      let first = place * Self.stretch
      let cells = means.map { String(format: "%.4f", $0[place]) }.joined(separator: " | ")
      report.line("| \(first + 1) to \(first + Self.stretch) | \(cells) |")
    }
    report.line()
    for (curve, own) in zip(curves, means).dropFirst() {
      let largest = zip(own, means[0]).map { abs($0 - $1) / $1 }.max()!
      report.line(
        String(
          format: "%@: within %.1f %% of %@ in every stretch.", curve.name, 100 * largest, curves[0].name))
    }
  }

  // MARK: Chips

  /// Where the real scene is.
  private static var data: URL? {
    let folders = [
      ProcessInfo.processInfo.environment["TERRANE_DATA"].map { URL(fileURLWithPath: $0) },
      Peers.folder.appendingPathComponent("../../../shared/data"),
    ]
    return folders.compactMap { $0?.appendingPathComponent("landcover-gewata") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Of each band of the scene, roughly.
  private static let moments: [(mean: Float, deviation: Float)] = [
    (405, 82), (532, 121), (487, 197), (2450, 355), (1582, 455), (869, 403),
  ]

  /// Chips side by side over the labelled west, normalised, the classes of pixels without a label 255.
  private static func batches(of data: URL) throws -> [(input: Tensor, targets: [UInt8])] {
    let scene = try RasterFile(path: data.appendingPathComponent("scene_west.tif").path)
    let labels = try RasterFile(path: data.appendingPathComponent("protocol_source_labels.tif").path)
    let windows = stride(from: 0, through: scene.grid.height - size, by: size).flatMap { row in
      stride(from: 0, through: 500 - size, by: size).map { column in
        Window(column: column, row: row, width: size, height: size)
      }
    }
    return try stride(from: 0, through: windows.count - batch, by: batch).map { first in
      let chosen = windows[first..<first + batch]
      let values = try chosen.flatMap { window in
        try (1...bands).flatMap { band in
          try scene.read(window, band: band).map {
            ($0 - moments[band - 1].mean) / moments[band - 1].deviation
          }
        }
      }
      let targets = try chosen.flatMap { window -> [UInt8] in
        try labels.readValues(window, band: 1).map { (1...6).contains($0) ? $0 - 1 : 255 }
      }
      return (Tensor(values, shape: [batch, bands, size, size]), targets)
    }
  }
}
