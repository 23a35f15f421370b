import Numerics

/// Ground of which a radar image shows nothing of its own.
package enum HiddenTerrain: String, CaseIterable, Sendable {
  /// Ground that is as far from the radar as other ground before or behind it: a slope steeper than the line
  /// of sight.
  case layover
  /// Ground that other ground hides from the radar.
  case shadow = "radar-shadow"

  /// The bit that marks it.
  package var mark: UInt8 { self == .layover ? 1 : 2 }
}

/// The marking of hidden ground along the lines on which the radar looks.
package struct HiddenTerrainSearch {
  private let width, height: Int
  /// The look direction on the map, columns and rows for one pixel on.
  private let direction: (x: Double, y: Double)

  package init(width: Int, height: Int, direction: (x: Double, y: Double)) {
    (self.width, self.height, self.direction) = (width, height, direction)
  }

  /// Returns the marks of each pixel, `[H, W]`.
  ///
  /// On the way from near to far, slant range and look angle grow. Ground that is nearer than some before it,
  /// or further than some behind it, is layover; ground that is seen at a smaller angle than some before it
  /// lies in the shadow. Each line goes through one pixel of each column (or row, where the radar looks along
  /// these), so that lines have no pixel in common.
  ///
  /// - Parameters:
  ///   - ranges: `[H, W]` slant ranges from any origin, NaN where nothing is known.
  ///   - looks: `[H, W]`, numbers that grow with the look angle.
  package func marks(ranges: [Float], looks: [Float]) -> [UInt8] {
    var marks = [UInt8](repeating: 0, count: width * height)
    let isAcross = abs(direction.x) >= abs(direction.y)
    let (length, breadth) = isAcross ? (width, height) : (height, width)
    let slope = isAcross ? direction.y / abs(direction.x) : direction.x / abs(direction.y)
    let isForward = isAcross ? direction.x > 0 : direction.y > 0
    // Offsets across the way for each step of it, the same for all lines.
    let offsets = (0..<length).map { Int((slope * Double($0)).rounded()) }
    let (low, high) = (min(0, offsets.last ?? 0), max(0, offsets.last ?? 0))
    marks.withUnsafeMutableBufferPointer { marks in
      nonisolated(unsafe) let marks = marks
      ranges.withUnsafeBufferPointer { ranges in
        looks.withUnsafeBufferPointer { looks in
          nonisolated(unsafe) let (ranges, looks) = (ranges, looks)
          parallelLoop(breadth + high - low) { line in
            let first = line - high
            func pixel(_ step: Int) -> Int? {
              let aside = first + offsets[step]
              guard aside >= 0, aside < breadth else { return nil }
              let along = isForward ? step : length - 1 - step
              return isAcross ? aside * width + along : along * width + aside
            }
            var (furthest, highest) = (-Float.infinity, -Float.infinity)
            for step in 0..<length {
              guard let place = pixel(step), !ranges[place].isNaN else { continue }
              if ranges[place] <= furthest { marks[place] |= HiddenTerrain.layover.mark }
              if looks[place] < highest { marks[place] |= HiddenTerrain.shadow.mark }
              (furthest, highest) = (max(furthest, ranges[place]), max(highest, looks[place]))
            }
            var nearest = Float.infinity
            for step in stride(from: length - 1, through: 0, by: -1) {
              guard let place = pixel(step), !ranges[place].isNaN else { continue }
              if ranges[place] >= nearest { marks[place] |= HiddenTerrain.layover.mark }
              nearest = min(nearest, ranges[place])
            }
          }
        }
      }
    }
    return marks
  }
}
