import Checkpoints
import Foundation
import Rasters
import Tensors

/// `terrane inspect` of a raster: grid, bands, no-data, valid share, range.
struct RasterInspection: FileInspection {
  let subject = "a raster"

  func report(on url: URL) throws -> String? {
    var isDirectory: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
    guard isDirectory.boolValue else { return try RasterReport(path: url.path).description }
    return try SceneSource(path: url.path).files.map { try RasterReport(path: $0).description }.joined(
      separator: "\n")
  }
}

/// `terrane inspect` of weights: card, tensors, shapes.
struct WeightsInspection: FileInspection {
  let subject = "weights"

  func report(on url: URL) throws -> String? {
    guard url.pathExtension == "safetensors" else { return nil }
    let file = try Safetensors(contentsOf: url.path)
    var lines = ["\(url.path)", "  safetensors, \(file.tensors.count) tensors, \(count(file)) numbers"]
    if let card = try ModelCard(in: file, path: url.path) {
      lines.append("  card: \(card.architecture) with \(card.encoder), for \(card.sensor)")
      for band in card.bands {
        lines.append("    band \(band.name): mean \(band.mean), deviation \(band.deviation)")
      }
      let classes = card.classes.map { "\($0.value) \($0.name)" }.joined(separator: ", ")
      lines.append("    classes: \(classes)\(card.hasTrainedHead ? "" : " (the head is not trained)")")
      lines.append("    history: \(card.history.joined(separator: ", "))")
    } else {
      lines.append("  no model card")
    }
    for (name, tensor) in file.tensors.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(name) \(tensor.shape)")
    }
    return lines.joined(separator: "\n")
  }

  private func count(_ file: Safetensors) -> Int { file.tensors.values.reduce(0) { $0 + $1.shape.count } }
}
