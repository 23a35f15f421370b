import Classes
import Rasters

/// Labelled pixels of a part of a scene, and beside them the map's pixels as they come.
package final class ReferencePixels: AnswerReference, @unchecked Sendable {
  private let labels: ReferenceLabels
  // Written on the thread that hands the map out, and read when it has ended.
  private var (classes, confidence): ([UInt8], [UInt8])

  init(_ labels: ReferenceLabels) {
    self.labels = labels
    classes = Array(repeating: ClassIndex.none, count: labels.classes.count)
    confidence = classes
  }

  package func collect(_ part: ClassMapPart) {
    let window = labels.window
    guard let shared = part.window.intersection(window) else { return }
    for row in shared.rows {
      let source = (row - part.window.row) * part.window.width + shared.column - part.window.column
      let target = (row - window.row) * window.width + shared.column - window.column
      let (from, to) = (source..<source + shared.width, target..<target + shared.width)
      classes.replaceSubrange(to, with: part.classes[from])
      confidence.replaceSubrange(to, with: part.confidence[from])
    }
  }

  package func add(to score: inout SegmentationScore) {
    score.add(
      reference: labels.classes, mapped: classes, confidence: confidence.map { Float($0) / 100 },
      width: labels.window.width)
  }

  package func addAreas(to score: inout SegmentationScore, on grid: Grid) {
    score.addMappedArea(classes, pixelArea: grid.pixelAreaInSquareMetres)
  }
}
