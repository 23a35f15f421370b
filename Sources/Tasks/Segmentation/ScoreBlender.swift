import Chips
import Classes
import Layers
import Numerics
import Products
import Rasters
import Tensors

/// Adds up the class probabilities of overlapping windows and hands out rows once no later window touches
/// them.
///
/// Windows come panel by panel, in each row by row, left to right. Memory: `K x window height x panel width`
/// floats, and `K x scene height` for each column that a panel shares with its right neighbour.
public final class ScoreBlender {
  /// One finished row of a panel.
  public struct Row {
    /// The row in the scene.
    public let index: Int
    /// The class with the highest blended probability, as an index, for each finished column of the panel.
    public let classes: [UInt8]
    /// The blended probability of that class, 0 to 1.
    public let confidence: [Float]
    /// The blended probabilities `[K, columns]` in percent, which add up to 100 at each column; empty where
    /// they are not kept.
    public let percentages: [UInt8]
  }

  private let columns, rows: WindowPlan
  private let classes: Int
  private let keepsProbabilities: Bool
  private let columnWeights, rowWeights: [Float]
  private let columnSums, rowSums: [Float]
  private let ringHeight, ringWidth, borderWidth: Int
  private var sums: [Float]  // [ring of window rows, K, columns of the widest panel]
  private var border: [Float]  // [scene rows, K, columns that a panel shares with the next]
  private var panel: Panel
  /// The number of columns of which the panel before has summed up its part.
  private var shared = 0

  /// Creates a blender for one scene, ready for the first of the panels.
  ///
  /// - Parameter keepsProbabilities: whether rows have the probabilities of all classes.
  public init(
    columns: WindowPlan, rows: WindowPlan, panels: [Panel], classes: Int, blend: Blend,
    keepsProbabilities: Bool = false
  ) {
    (self.columns, self.rows, self.classes) = (columns, rows, classes)
    self.keepsProbabilities = keepsProbabilities
    columnWeights = blend.weights(size: columns.size)
    rowWeights = blend.weights(size: rows.size)
    columnSums = blend.sums(over: columns)
    rowSums = blend.sums(over: rows)
    ringHeight = min(rows.size, rows.extent)
    (ringWidth, borderWidth) = Self.widths(panels)
    sums = Array(repeating: 0, count: ringHeight * classes * ringWidth)
    border = Array(repeating: 0, count: rows.extent * classes * borderWidth)
    panel = panels[0]
  }

  /// Returns the bytes that a blender holds.
  public static func bytes(rows: WindowPlan, panels: [Panel], classes: Int) -> Int {
    let (ring, border) = widths(panels)
    return (min(rows.size, rows.extent) * ring + rows.extent * border) * classes * MemoryLayout<Float>.stride
  }

  /// Returns the columns of the widest panel, and the most that one shares with the next.
  private static func widths(_ panels: [Panel]) -> (ring: Int, border: Int) {
    (panels.map(\.covered.count).max()!, panels.map { $0.covered.count - $0.finished.count }.max()!)
  }

  /// Goes on with the panel to the right of the last one, of which the rows that are wanted are finished.
  public func begin(_ next: Panel) {
    shared = panel.covered.upperBound - next.covered.lowerBound
    panel = next
    // Of a part of a scene the last windows reach below the rows that are taken.
    sums.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// Adds one window's probabilities, plain `[K, window height, window width]`; what lies beyond the scene is
  /// dropped.
  public func add(_ probabilities: UnsafePointer<Float>, windowRow: Int, windowColumn: Int) {
    let (firstRow, firstColumn) = (rows.starts[windowRow], columns.starts[windowColumn])
    let height = min(rows.size, rows.extent - firstRow)
    let width = min(columns.size, columns.extent - firstColumn)
    let place = firstColumn - panel.covered.lowerBound
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums.baseAddress!
      nonisolated(unsafe) let probabilities = probabilities
      columnWeights.withUnsafeBufferPointer { columnWeights in
        nonisolated(unsafe) let columnWeights = columnWeights.baseAddress!
        parallelLoop(height) { row in
          let ring = (firstRow + row) % ringHeight
          for index in 0..<classes {
            let source = probabilities + (index * rows.size + row) * columns.size
            let target = sums + (ring * classes + index) * ringWidth + place
            let weight = rowWeights[row]
            for column in 0..<width { target[column] += weight * columnWeights[column] * source[column] }
          }
        }
      }
    }
  }

  /// Returns the panel's rows that are final once the window row is complete; their memory is cleared for
  /// later rows.
  public func finish(windowRow: Int) -> [Row] {
    let first = windowRow == 0 ? 0 : rows.finished(after: windowRow - 1)
    return (first..<rows.finished(after: windowRow)).map(takeRow)
  }

  private func takeRow(_ row: Int) -> Row {
    var best = [UInt8](repeating: 0, count: panel.finished.count)
    var confidence = [Float](repeating: 0, count: panel.finished.count)
    var percentages: [UInt8] = []
    sums.withUnsafeMutableBufferPointer { sums in
      let sums = sums.baseAddress! + row % ringHeight * classes * ringWidth
      border.withUnsafeMutableBufferPointer { border in
        if let border = border.baseAddress { exchange(sums, border + row * classes * borderWidth) }
      }
      choose(from: sums, &best, &confidence)
      if keepsProbabilities {
        percentages = Percentages.of(
          sums, count: classes, stride: ringWidth, columns: panel.finished.count)
      }
      sums.update(repeating: 0, count: classes * ringWidth)
    }
    for column in panel.finished {
      confidence[column - panel.finished.lowerBound] /= rowSums[row] * columnSums[column]
    }
    return Row(index: row, classes: best, confidence: confidence, percentages: percentages)
  }

  /// Adds what the panel to the left has summed up of a row, and keeps what the one to the right goes on
  /// with.
  private func exchange(_ sums: UnsafeMutablePointer<Float>, _ border: UnsafeMutablePointer<Float>) {
    let handedOn = panel.finished.count..<panel.covered.count
    for index in 0..<classes {
      let (line, edge) = (sums + index * ringWidth, border + index * borderWidth)
      for column in 0..<shared { line[column] += edge[column] }
      for column in handedOn { edge[column - handedOn.lowerBound] = line[column] }
    }
  }

  /// Finds the highest sum of each finished column, and the class that it is of.
  private func choose(
    from sums: UnsafeMutablePointer<Float>, _ best: inout [UInt8], _ confidence: inout [Float]
  ) {
    let width = panel.finished.count
    best.withUnsafeMutableBufferPointer { best in
      confidence.withUnsafeMutableBufferPointer { confidence in
        for column in 0..<width { confidence[column] = sums[column] }
        for index in 1..<max(1, classes) {
          let line = sums + index * ringWidth
          // Both are written whatever the comparison says, which lets it be vectorised.
          for column in 0..<width {
            let isHigher = line[column] > confidence[column]
            confidence[column] = isHigher ? line[column] : confidence[column]
            best[column] = isHigher ? UInt8(index) : best[column]
          }
        }
      }
    }
  }
}

extension ScoreBlender: Assembler {
  package func add(_ answer: Tensor, windowRow: Int, windowColumn: Int) {
    answer.withValues { add($0.baseAddress!, windowRow: windowRow, windowColumn: windowColumn) }
  }

  package func finish(windowRow: Int, validity: (Int) -> ArraySlice<Bool>) -> ClassMapPart {
    ClassMapPart(finish(windowRow: windowRow), columns: panel.finished, validity: validity)
  }
}

/// A finished part of a map.
public struct ClassMapPart: Sendable {
  /// The window of the scene that the part covers.
  public let window: Window
  /// Class indices row by row; ``ClassIndex/none`` where the scene is not valid or the network's scores are
  /// not finite.
  public let classes: [UInt8]
  /// The probability of that class, in percent; ``Layer/noPercentage`` where there is no class.
  public let confidence: [UInt8]
  /// The probability of each class in percent, `[K, H, W]`; ``Layer/noPercentage`` where there is no class;
  /// empty where they are not kept.
  public let percentages: [UInt8]

  /// Creates a part from the rows that a blender has finished, at the columns that it finished.
  ///
  /// - Parameter validity: which pixels of a row of the scene are valid, from the first of the columns on.
  init(_ rows: [ScoreBlender.Row], columns: Range<Int>, validity: (Int) -> ArraySlice<Bool>) {
    let width = columns.count
    var classes = [UInt8](repeating: ClassIndex.none, count: rows.count * width)
    var confidence = [UInt8](repeating: Layer.noPercentage, count: rows.count * width)
    let bands = rows[0].percentages.count / width
    var percentages = [UInt8](repeating: Layer.noPercentage, count: bands * classes.count)
    for (line, row) in rows.enumerated() {
      let validity = validity(row.index)
      for column in 0..<width {
        // Scores that are not finite (weights or values out of all bounds) are no observation: a NaN would
        // otherwise become the first class, with certainty.
        let share = row.confidence[column]
        guard validity[validity.startIndex + column] && share.isFinite else { continue }
        classes[line * width + column] = row.classes[column]
        confidence[line * width + column] = UInt8(max(0, min(100, (share * 100).rounded())))
        for band in 0..<bands {
          percentages[(band * rows.count + line) * width + column] = row.percentages[band * width + column]
        }
      }
    }
    window = Window(column: columns.lowerBound, row: rows[0].index, width: width, height: rows.count)
    (self.classes, self.confidence, self.percentages) = (classes, confidence, percentages)
  }
}

extension ClassMapPart: AssembledPart {
  package var pixels: Int { classes.reduce(0) { $0 + ($1 == ClassIndex.none ? 0 : 1) } }
}
