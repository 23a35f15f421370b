import Chips
import NumericOracles
import Rasters
import Scenes
import Testing

@Suite("Quantiles of a scene's bands")
struct BandQuantilesTests {
  /// Rows of a panel of a scene of hashed values, of which every tenth is no data.
  private func block(_ window: Window) -> PixelBlock {
    let values = HashedValues("scene")
    var block = PixelBlock(invalid: window, bandCount: 2)
    for row in 0..<window.height {
      for column in 0..<window.width {
        let place = (window.row + row) * 5000 + window.column + column
        block.valid[row * window.width + column] = place % 10 != 0
        for band in 0..<2 {
          block.values[(band * window.height + row) * window.width + column] =
            place % 10 == 0 ? -9999 : Float(values.uniform(band * 1_000_000 + place))
        }
      }
    }
    return block
  }

  private func quantiles(panels: [Range<Int>], rows: Int) -> [[Double]]? {
    let sample = DriftSample(
      of: Grid(width: 700, height: 450, transform: nil, crs: nil), bandCount: 2)
    for panel in panels {
      for row in stride(from: 0, to: 450, by: rows) {
        let window = Window(
          column: panel.lowerBound, row: row, width: panel.count, height: min(rows, 450 - row))
        sample.add(block(window), at: window)
      }
    }
    return sample.quantiles
  }

  @Test("They are the same however panels and strips cut the scene, and those of its valid pixels")
  func cuts() throws {
    let whole = try #require(quantiles(panels: [0..<700], rows: 450))
    #expect(quantiles(panels: [0..<300, 256..<500, 444..<700], rows: 64) == whole)
    #expect(quantiles(panels: [0..<700], rows: 7) == whole)
    // 315,000 pixels are sampled every third row and column.
    let everything = block(Window(column: 0, row: 0, width: 700, height: 450))
    for band in 0..<2 {
      var taken: [Float] = []
      for row in stride(from: 0, to: 450, by: 3) {
        for column in stride(from: 0, to: 700, by: 3) where everything.valid[row * 700 + column] {
          taken.append(everything.values[(band * 450 + row) * 700 + column])
        }
      }
      taken.sort()
      let expected = BandQuantiles.levels.map { level -> Double in
        let place = level * Double(taken.count - 1)
        let below = taken[Int(place)]
        return Double(below) + (place - place.rounded(.down)) * Double(taken[Int(place) + 1] - below)
      }
      #expect(scaledDifference(whole[band], expected) < 1e-6)
    }
  }

  @Test("Without a valid pixel there are none")
  func nothing() {
    let grid = Grid(width: 8, height: 8, transform: nil, crs: nil)
    let sample = DriftSample(of: grid, bandCount: 1)
    sample.add(PixelBlock(invalid: grid.bounds, bandCount: 1), at: grid.bounds)
    #expect(sample.quantiles == nil)
  }
}
