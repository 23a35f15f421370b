import Chips
import Classes
import Rasters

/// Labels of a part of a scene, by which the chips of a slide are scored as they come.
package final class ReferenceChips<Score: ReportedScore>: AnswerReference, @unchecked Sendable {
  private let labels: ReferenceLabels
  private let isOneClass: Bool
  private let count: (inout Score, ChipTruth, ChipAnswer) -> Void
  // Written on the thread that hands the chips out, and read when it has ended.
  private var scored: [(truth: ChipTruth, chip: ChipAnswer)] = []

  /// Creates the reference of a part of a scene, chip by chip.
  ///
  /// - Parameters:
  ///   - isOneClass: whether a chip has one class.
  ///   - count: counts a chip whose truth is known.
  init(
    _ labels: ReferenceLabels, isOneClass: Bool, count: @escaping (inout Score, ChipTruth, ChipAnswer) -> Void
  ) {
    (self.labels, self.isOneClass, self.count) = (labels, isOneClass, count)
  }

  package func collect(_ part: ChipTablePart) {
    for chip in part.chips {
      guard let shared = chip.window.intersection(labels.window) else { continue }
      var inside = shared.rows.flatMap { row in
        let start = (row - labels.window.row) * labels.window.width + shared.column - labels.window.column
        return labels.classes[start..<start + shared.width]
      }
      inside += Array(repeating: ClassIndex.none, count: chip.window.pixelCount - inside.count)
      let truth = ChipTruth(inside, annotations: labels.annotations, isOneClass: isOneClass)
      if truth.isKnown { scored.append((truth, chip)) }
    }
  }

  package func add(to score: inout Score) {
    for (truth, chip) in scored { count(&score, truth, chip) }
  }

  /// Adds nothing: chips are no areas.
  package func addAreas(to score: inout Score, on grid: Grid) {}
}
