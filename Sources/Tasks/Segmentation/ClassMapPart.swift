import Classes
import Products
import Rasters

/// A finished part of a map.
public struct ClassMapPart: Sendable {
  /// The window of the scene that the part covers.
  public let window: Window
  /// Class indices row by row; ``ClassIndex/none`` where the scene is not valid or the network's scores are not
  /// finite.
  public let classes: [UInt8]
  /// The probability of that class, in percent; ``Layer/noPercentage`` where there is no class.
  public let confidence: [UInt8]

  /// Creates a part from the rows that a blender has finished, at the columns that it finished.
  ///
  /// - Parameter validity: which pixels of a row of the scene are valid, from the first of the columns on.
  init(_ rows: [ScoreBlender.Row], columns: Range<Int>, validity: (Int) -> ArraySlice<Bool>) {
    let width = columns.count
    var classes = [UInt8](repeating: ClassIndex.none, count: rows.count * width)
    var confidence = [UInt8](repeating: Layer.noPercentage, count: rows.count * width)
    for (line, row) in rows.enumerated() {
      let validity = validity(row.index)
      for column in 0..<width {
        // Scores that are not finite (weights or values out of all bounds) are no observation: a NaN would
        // otherwise become the first class, with certainty.
        let share = row.confidence[column]
        guard validity[validity.startIndex + column] && share.isFinite else { continue }
        classes[line * width + column] = row.classes[column]
        confidence[line * width + column] = UInt8(max(0, min(100, (share * 100).rounded())))
      }
    }
    window = Window(column: columns.lowerBound, row: rows[0].index, width: width, height: rows.count)
    (self.classes, self.confidence) = (classes, confidence)
  }
}

extension ClassMapPart: AssembledPart {
  package var pixels: Int { classes.reduce(0) { $0 + ($1 == ClassIndex.none ? 0 : 1) } }
}
