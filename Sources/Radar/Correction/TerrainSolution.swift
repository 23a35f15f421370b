import Foundation
import Numerics
import Rasters

/// The range-Doppler equations of all pixels of a window, solved row by row.
struct TerrainSolution {
  let image: ImageGeometry
  /// The orbit around the time at which the window's middle was seen.
  let arc: OrbitArc
  /// Fields: place on the ellipsoid (3), vertical (3), height of the geoid, then column and row of each
  /// patch.
  let lattice: MapLattice
  /// Heights, those that count first in front; nil where there are none.
  let patches: [ElevationPatch?]
  /// The height of what has none, to tell whether it would be in the image.
  let fallback: Double
  let window, padded: Window

  /// What is kept of each pixel besides its place.
  private struct Extras {
    var ranges, looks, heights: [Float]
  }

  /// Solves all pixels.
  ///
  /// - Parameter direction: the look direction in the middle of the window.
  func solved(
    mask: Set<HiddenTerrain>, direction: (x: Double, y: Double), wantsIncidence: Bool
  ) -> TilePlaces {
    let count = padded.pixelCount
    let blank = [Float](repeating: .nan, count: count)
    var places = TilePlaces(window: window, padded: padded, lines: blank, samples: blank)
    var extras = Extras(
      ranges: mask.isEmpty ? [] : blank, looks: mask.isEmpty ? [] : blank,
      heights: wantsIncidence ? blank : [])
    var tally = [Int](repeating: 0, count: 2 * padded.height)
    // Ranges and angles are kept as differences from those of the middle: a Float of 900 km has steps of 6
    // cm.
    let middle = reference
    places.lines.withUnsafeMutableBufferPointer { lines in
      places.samples.withUnsafeMutableBufferPointer { samples in
        extras.ranges.withUnsafeMutableBufferPointer { ranges in
          extras.looks.withUnsafeMutableBufferPointer { looks in
            extras.heights.withUnsafeMutableBufferPointer { heights in
              tally.withUnsafeMutableBufferPointer { tally in
                nonisolated(unsafe) let (lines, samples, tally) = (lines, samples, tally)
                nonisolated(unsafe) let (ranges, looks, heights) = (ranges, looks, heights)
                parallelLoop(padded.height) { row in
                  let isOwn = window.rows.contains(padded.row + row)
                  var time = arc.time
                  var hint = 0
                  forEachPixel(ofRow: row) { column, foot, up, height in
                    let place = row * padded.width + column
                    let point = foot + up * (height.isNaN ? fallback : height)
                    let seen = arc.zeroDoppler(of: point, from: time)
                    // A pixel whose place is not known must not spoil its neighbours' start.
                    guard seen.time.isFinite else { return }
                    time = seen.time
                    let range = seen.sight.length
                    let line = seen.time / image.lineInterval
                    let sample =
                      image.groundRange.ground(range, at: seen.time, hint: &hint) / image.sampleSpacing
                    let isIn = image.contains(line: line, sample: sample)
                    if isIn, isOwn, window.columns.contains(padded.column + column) {
                      tally[2 * row] += 1
                      if height.isNaN { tally[2 * row + 1] += 1 }
                    }
                    guard !height.isNaN else { return }
                    if !ranges.isEmpty {
                      let position = arc.position(at: seen.time)
                      ranges[place] = Float(range - middle.range)
                      looks[place] = Float(seen.sight.dot(position) / (range * position.length) - middle.look)
                    }
                    if !heights.isEmpty { heights[place] = Float(height) }
                    if isIn { (lines[place], samples[place]) = (Float(line), Float(sample)) }
                  }
                }
              }
            }
          }
        }
      }
    }
    for row in 0..<padded.height {
      places.inImage += tally[2 * row]
      places.withoutHeight += tally[2 * row + 1]
    }
    if !mask.isEmpty {
      let search = HiddenTerrainSearch(width: padded.width, height: padded.height, direction: direction)
      let wanted = mask.reduce(0) { $0 | $1.mark }
      places.marks = search.marks(ranges: extras.ranges, looks: extras.looks).map { $0 & wanted }
    }
    if wantsIncidence { places.incidences = incidences(extras.heights) }
    return places
  }

  /// Slant range and look angle of the middle of the lattice.
  private var reference: (range: Double, look: Double) {
    let node = lattice.nodes[lattice.rows / 2 * lattice.columns + lattice.columns / 2]
    let seen = arc.zeroDoppler(of: EarthFixed(node[0], node[1], node[2]), from: arc.time)
    let position = arc.position(at: seen.time)
    let range = seen.sight.length
    guard range.isFinite else { return (0, 0) }
    return (range, seen.sight.dot(position) / (range * position.length))
  }

  /// Calls with each pixel of a row: its column, its place on the ellipsoid, the vertical, and the height
  /// above the ellipsoid, NaN where it is not known.
  @inline(__always)
  private func forEachPixel(
    ofRow row: Int, _ body: (_ column: Int, _ foot: EarthFixed, _ up: EarthFixed, _ height: Double) -> Void
  ) {
    let fields = lattice.fieldCount
    let step = Double(lattice.step)
    lattice.row(row).withUnsafeBufferPointer { nodes in
      for cell in 0..<lattice.columns - 1 {
        let first = cell * lattice.step
        let (node, next) = (cell * fields, (cell + 1) * fields)
        let foot = EarthFixed(nodes[node], nodes[node + 1], nodes[node + 2])
        let up = EarthFixed(nodes[node + 3], nodes[node + 4], nodes[node + 5])
        let footStep = (EarthFixed(nodes[next], nodes[next + 1], nodes[next + 2]) - foot) / step
        let upStep = (EarthFixed(nodes[next + 3], nodes[next + 4], nodes[next + 5]) - up) / step
        let geoidStep = (nodes[next + 6] - nodes[node + 6]) / step
        for column in first..<min(first + lattice.step, padded.width) {
          let share = Double(column - first)
          var height = Double.nan
          for (index, patch) in patches.enumerated() {
            guard let patch else { continue }
            let field = node + 7 + 2 * index
            let u = nodes[field] + (nodes[field + fields] - nodes[field]) / step * share
            let v = nodes[field + 1] + (nodes[field + fields + 1] - nodes[field + 1]) / step * share
            height = patch.height(column: u, row: v)
            if !height.isNaN { break }
          }
          body(
            column, foot + footStep * share, up + upStep * share, height + nodes[node + 6] + geoidStep * share
          )
        }
      }
    }
  }

  /// Returns the angle in degrees between the line of sight and the normal of the ground, `[H, W]`; NaN at
  /// the edge and where a neighbour's height is not known.
  private func incidences(_ heights: [Float]) -> [Float] {
    var angles = [Float](repeating: .nan, count: heights.count)
    let width = padded.width
    angles.withUnsafeMutableBufferPointer { angles in
      nonisolated(unsafe) let angles = angles
      heights.withUnsafeBufferPointer { heights in
        nonisolated(unsafe) let heights = heights
        parallelLoop(padded.height) { row in
          guard row > 0, row + 1 < padded.height else { return }
          let (above, below) = (feet(ofRow: row - 1), feet(ofRow: row + 1))
          let own = feet(ofRow: row)
          var time = arc.time
          for column in 1..<max(1, width - 1) {
            let place = row * width + column
            let slopeX = Double(heights[place + 1] - heights[place - 1])
            let slopeY = Double(heights[place + width] - heights[place - width])
            guard !slopeX.isNaN, !slopeY.isNaN, !heights[place].isNaN else { continue }
            let up = own.ups[column]
            let alongX = own.feet[column + 1] - own.feet[column - 1] + up * slopeX
            let alongY = below.feet[column] - above.feet[column] + up * slopeY
            // Columns go one way and rows the other round on some maps: the normal is the one that points up.
            let across = alongX.cross(alongY)
            let normal = across.dot(up) < 0 ? across * -1 : across
            let seen = arc.zeroDoppler(of: own.feet[column] + up * Double(heights[place]), from: time)
            time = seen.time
            let cosine = -seen.sight.dot(normal) / (seen.sight.length * normal.length)
            angles[place] = Float(acos(min(max(cosine, -1), 1)) * 180 / .pi)
          }
        }
      }
    }
    return angles
  }

  private func feet(ofRow row: Int) -> (feet: [EarthFixed], ups: [EarthFixed]) {
    var (feet, ups): ([EarthFixed], [EarthFixed]) = ([], [])
    forEachPixel(ofRow: row) { _, foot, up, _ in
      feet.append(foot)
      ups.append(up)
    }
    return (feet, ups)
  }
}
