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

  /// Zip archives and folders can be scenes, so the name says that weights are wanted.
  private static let extensions: Set = ["safetensors", "pth", "pt", "ckpt", "bin", "tar"]

  func report(on url: URL) throws -> String? {
    guard Self.extensions.contains(url.pathExtension.lowercased()) else { return nil }
    let file = try WeightsFile(contentsOf: url.path)
    let numbers = file.entries.reduce(0) { $0 + $1.shape.count }
    var lines = ["\(url.path)", "  \(file.format), \(file.entries.count) tensors, \(numbers) numbers"]
    lines += file.notes.map { "  " + $0 }
    if let card = try ModelCard(in: file) {
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
    for entry in file.entries.sorted(by: { $0.name < $1.name }) {
      lines.append("  \(entry.name) \(entry.shape)" + (entry.type == "F32" ? "" : " \(entry.type)"))
    }
    return lines.joined(separator: "\n")
  }
}
