import Layers
import Mapping
import Rasters
import Transfer

/// Labels of a part of a scene, and beside them the map's pixels as they come.
final class ReferenceLabels: @unchecked Sendable {
  /// The part, on the scene's grid.
  private let window: Window
  private let reference: [UInt8]
  // Written on the thread that hands the map out, and read when it has ended.
  private var (classes, confidence): ([UInt8], [UInt8])

  /// Class indices row by row, ``ignored`` where unlabelled.
  init(_ reference: [UInt8], in window: Window) {
    (self.reference, self.window) = (reference, window)
    classes = Array(repeating: ignored, count: reference.count)
    confidence = classes
  }

  /// Whether any labelled pixel lies in a window of the scene.
  func hasLabels(in other: Window) -> Bool {
    guard let shared = other.intersection(window) else { return false }
    return shared.rows.contains { row in
      let start = (row - window.row) * window.width + shared.column - window.column
      return reference[start..<start + shared.width].contains { $0 != ignored }
    }
  }

  @Sendable func collect(_ part: MapPart) throws {
    guard let shared = part.window.intersection(window) else { return }
    for row in shared.rows {
      let source = (row - part.window.row) * part.window.width + shared.column - part.window.column
      let target = (row - window.row) * window.width + shared.column - window.column
      let (from, to) = (source..<source + shared.width, target..<target + shared.width)
      classes.replaceSubrange(to, with: part.classes[from])
      confidence.replaceSubrange(to, with: part.confidence[from])
    }
  }

  /// Counts the labelled pixels.
  func add(to scores: inout ModelScores) {
    scores.add(
      reference: reference, mapped: classes, confidence: confidence.map { Float($0) / 100 },
      width: window.width)
  }

  /// Counts all pixels of the part, labelled or not.
  func addAreas(to scores: inout ModelScores, on grid: Grid) {
    scores.addMappedArea(classes, pixelArea: grid.pixelAreaInSquareMetres)
  }
}
