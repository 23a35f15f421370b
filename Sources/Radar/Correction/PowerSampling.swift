import Numerics
import Rasters

/// The taking of power out of a part of an image at places between its pixels.
struct PowerSampling {
  /// `[H, W]` of `window`; NaN where there is none.
  let power: [Float]
  /// The part of the image.
  let window: Window

  /// Mixes the four pixels around each place, without those that have no power, by bilinear weights; a place
  /// has a number where the pixel that holds it has one, and is not hidden.
  ///
  /// - Returns: `[H, W]` of the places' window, NaN where there is none; how many places have one; and at how
  ///   many the pixel has no power above the noise.
  func sampled(at places: TilePlaces) -> (power: [Float], valid: Int, atFloor: Int) {
    let (width, height) = (places.window.width, places.window.height)
    var result = [Float](repeating: .nan, count: width * height)
    var tally = [Int](repeating: 0, count: 2 * height)
    result.withUnsafeMutableBufferPointer { result in
      tally.withUnsafeMutableBufferPointer { tally in
        nonisolated(unsafe) let (result, tally) = (result, tally)
        power.withUnsafeBufferPointer { power in
          nonisolated(unsafe) let power = power
          parallelLoop(height) { row in
            let start = places.start(ofRow: row)
            for column in 0..<width {
              let place = start + column
              guard !places.lines[place].isNaN, places.marks.isEmpty || places.marks[place] == 0 else {
                continue
              }
              let y = places.lines[place] - Float(window.row)
              let x = places.samples[place] - Float(window.column)
              let value = mixed(power, x, y)
              guard !value.isNaN else { continue }
              result[row * width + column] = value
              tally[2 * row] += 1
              let nearest = Int(y.rounded()) * window.width + Int(x.rounded())
              if power[nearest] == CalibratedImage.floor { tally[2 * row + 1] += 1 }
            }
          }
        }
      }
    }
    return (
      result, stride(from: 0, to: tally.count, by: 2).reduce(0) { $0 + tally[$1] },
      stride(from: 1, to: tally.count, by: 2).reduce(0) { $0 + tally[$1] }
    )
  }

  @inline(__always)
  private func mixed(_ power: UnsafeBufferPointer<Float>, _ x: Float, _ y: Float) -> Float {
    // The middle of the outermost pixels is not the image's edge: half a pixel beyond it their own number
    // holds.
    let (x, y) = (min(max(x, 0), Float(window.width - 1)), min(max(y, 0), Float(window.height - 1)))
    let (left, top) = (min(Int(x), window.width - 2), min(Int(y), window.height - 2))
    let (u, v) = (x - Float(left), y - Float(top))
    let place = top * window.width + left
    let (a, b) = (power[place], power[place + 1])
    let (c, d) = (power[place + window.width], power[place + window.width + 1])
    let upper = a + (b - a) * u
    let mean = upper + (c + (d - c) * u - upper) * v
    if !mean.isNaN { return mean }
    let nearest = v < 0.5 ? (u < 0.5 ? a : b) : (u < 0.5 ? c : d)
    guard !nearest.isNaN else { return .nan }
    var (sum, weights) = (Float(0), Float(0))
    for (value, weight) in [(a, (1 - u) * (1 - v)), (b, u * (1 - v)), (c, (1 - u) * v), (d, u * v)]
    where !value.isNaN {
      sum += value * weight
      weights += weight
    }
    return sum / weights
  }
}

extension TilePlaces {
  /// The part of an image, at least 2 x 2 pixels, that the places of ``window`` lie in; nil where none does.
  func imageWindow(lines lineCount: Int, samples sampleCount: Int) -> Window? {
    var (top, bottom) = (Float.infinity, -Float.infinity)
    var (near, far) = (Float.infinity, -Float.infinity)
    for row in 0..<window.height {
      let start = start(ofRow: row)
      for place in start..<start + window.width where !lines[place].isNaN {
        (top, bottom) = (min(top, lines[place]), max(bottom, lines[place]))
        (near, far) = (min(near, samples[place]), max(far, samples[place]))
      }
    }
    guard top <= bottom else { return nil }
    func span(_ low: Float, _ high: Float, _ count: Int) -> Range<Int> {
      let first = min(max(Int(low.rounded(.down)) - 1, 0), count - 2)
      return first..<max(min(Int(high.rounded(.up)) + 2, count), first + 2)
    }
    let (rows, columns) = (span(top, bottom, lineCount), span(near, far, sampleCount))
    return Window(column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }
}
