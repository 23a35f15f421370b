import Foundation
import Rasters

/// The statements of a scene's files that count for nothing, in sentences for a run's notes.
struct SceneNotes {
  let sentences: [String]

  /// - Parameter knowsFill: whether the sensor says what fill is where files do not.
  package init(_ parts: [ScenePart], knowsFill: Bool) {
    var sentences: [String] = []
    for part in parts {
      let name = URL(fileURLWithPath: part.file.path).lastPathComponent
      if let band = part.indices.map({ part.file.bands[$0 - 1] }).first(where: { $0.unusableNoData != nil }) {
        sentences.append(
          "\(name): its no-data tag \(band.unusableNoData!) is no value of \(band.dataType) and means nothing"
            + (knowsFill ? "; fill is found by the sensor's rule" : ""))
      }
    }
    if let file = parts.first?.file, let geolocation = file.grid.geolocation {
      sentences.append("\(URL(fileURLWithPath: file.path).lastPathComponent): \(geolocation.note)")
    }
    self.sentences = sentences
  }
}
