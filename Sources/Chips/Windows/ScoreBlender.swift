import Tensors

/// Adds up the class probabilities of overlapping windows and hands out rows once no later window touches them.
///
/// Windows come row by row, left to right. Memory: `K x window height x scene width` floats, whatever the scene's height.
public final class ScoreBlender {
  /// One finished row of a scene.
  public struct Row {
    /// The row in the scene.
    public let index: Int
    /// The class with the highest blended probability, as an index, for each column.
    public let classes: [UInt8]
    /// That probability, 0 to 1.
    public let confidence: [Float]
  }

  private let columns, rows: WindowPlan
  private let classes: Int
  private let columnWeights, rowWeights: [Float]
  private let columnSums, rowSums: [Float]
  private var sums: [Float]  // [ring of window rows, K, scene columns]
  private let ringHeight: Int

  /// A blender for one scene.
  public init(columns: WindowPlan, rows: WindowPlan, classes: Int, blend: Blend) {
    (self.columns, self.rows, self.classes) = (columns, rows, classes)
    columnWeights = blend.weights(size: columns.size)
    rowWeights = blend.weights(size: rows.size)
    columnSums = blend.sums(over: columns)
    rowSums = blend.sums(over: rows)
    ringHeight = min(rows.size, rows.extent)
    sums = Array(repeating: 0, count: ringHeight * classes * columns.extent)
  }

  /// Bytes that a blender holds.
  public static func bytes(columns: WindowPlan, rows: WindowPlan, classes: Int) -> Int {
    min(rows.size, rows.extent) * classes * columns.extent * MemoryLayout<Float>.stride
  }

  /// Adds one window's probabilities, plain `[K, window height, window width]`; what lies beyond the scene is dropped.
  public func add(_ probabilities: UnsafePointer<Float>, windowRow: Int, windowColumn: Int) {
    let (firstRow, firstColumn) = (rows.starts[windowRow], columns.starts[windowColumn])
    let height = min(rows.size, rows.extent - firstRow)
    let width = min(columns.size, columns.extent - firstColumn)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums.baseAddress!
      nonisolated(unsafe) let probabilities = probabilities
      columnWeights.withUnsafeBufferPointer { columnWeights in
        nonisolated(unsafe) let columnWeights = columnWeights.baseAddress!
        parallelLoop(height) { row in
          let ring = (firstRow + row) % ringHeight
          for index in 0..<classes {
            let source = probabilities + (index * rows.size + row) * columns.size
            let target = sums + (ring * classes + index) * columns.extent + firstColumn
            let weight = rowWeights[row]
            for column in 0..<width { target[column] += weight * columnWeights[column] * source[column] }
          }
        }
      }
    }
  }

  /// The rows that are final once the window row is complete; their memory is cleared for later rows.
  public func finish(windowRow: Int) -> [Row] {
    let first = windowRow == 0 ? 0 : rows.finished(after: windowRow - 1)
    return (first..<rows.finished(after: windowRow)).map(takeRow)
  }

  private func takeRow(_ row: Int) -> Row {
    let width = columns.extent
    let start = row % ringHeight * classes * width
    var best = [UInt8](repeating: 0, count: width)
    var confidence = Array(sums[start..<start + width])
    best.withUnsafeMutableBufferPointer { best in
      confidence.withUnsafeMutableBufferPointer { confidence in
        sums.withUnsafeMutableBufferPointer { sums in
          for index in 1..<max(1, classes) {
            let line = sums.baseAddress! + start + index * width
            // Both are written whatever the comparison says, which lets it be vectorised.
            for column in 0..<width {
              let isHigher = line[column] > confidence[column]
              confidence[column] = isHigher ? line[column] : confidence[column]
              best[column] = isHigher ? UInt8(index) : best[column]
            }
          }
          (sums.baseAddress! + start).update(repeating: 0, count: classes * width)
        }
        for column in 0..<width { confidence[column] /= rowSums[row] * columnSums[column] }
      }
    }
    return Row(index: row, classes: best, confidence: confidence)
  }
}
