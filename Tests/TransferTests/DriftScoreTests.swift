import Chips
import NumericOracles
import Rasters
import Scenes
import Testing
import Transfer

@Suite("Drift of a scene from what a model has learned from")
struct DriftScoreTests {
  private func ramp(_ from: Double, _ to: Double) -> [Double] {
    BandQuantiles.levels.map { from + (to - from) * $0 }
  }

  @Test("A band moved by half its deviation has drifted by a half; one that has not by nothing")
  func closedForms() throws {
    let training = [ramp(0, 1), ramp(5, 9)]
    // The deviation of 20 values 1/20 apart.
    let deviation = (399.0 / 12).squareRoot() / 20
    let score = try #require(
      DriftScore(of: [ramp(deviation / 2, 1 + deviation / 2), ramp(5, 9)], from: training))
    #expect(abs(score.bands[0] - 0.5) < 1e-12 && score.bands[1] == 0)
    #expect(score.largest == score.bands[0] && abs(score.mean - 0.25) < 1e-12)
    // Twice as wide about its middle: the mean of |q - 1/2|, which is 5 / 20 for 20 levels, over the
    // deviation.
    let wide = try #require(DriftScore(of: [ramp(-0.5, 1.5), ramp(5, 9)], from: training))
    #expect(abs(wide.bands[0] - 0.25 / deviation) < 1e-12)
  }

  @Test("A band that never varied is measured in its unit; what cannot be compared has no score")
  func extremes() throws {
    let constant = [Double](repeating: 2, count: 20)
    #expect(try #require(DriftScore(of: [constant.map { $0 + 3 }], from: [constant])).largest == 3)
    #expect(DriftScore(of: [ramp(0, 1)], from: [ramp(0, 1), ramp(0, 1)]) == nil)
    #expect(DriftScore(of: [[1, 2]], from: [ramp(0, 1)]) == nil)
    #expect(DriftScore(of: [[.nan]], from: [[1]]) == nil)
    #expect(DriftScore(of: [], from: []) == nil)
  }

  @Test("Quantiles of training chips leave out what is no data")
  func quantiles() throws {
    let region = TinyProblem("quantiles").region(side: 40)
    let whole = region.pixels.whole
    var pixels = whole
    for place in 0..<800 { pixels.valid[place] = false }
    for place in pixels.valid.indices where !pixels.valid[place] {
      (pixels.values[place], pixels.values[1600 + place]) = (-9999, -9999)
    }
    let masked = LabelledRegion(
      window: region.window, pixels: pixels, labels: region.labels, ground: region.ground)
    let chips = ChipSet([masked], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    let found = try #require(chips.bandQuantiles)
    for band in 0..<2 {
      let sorted = whole.values[band * 1600 + 800..<(band + 1) * 1600].sorted()
      let expected = BandQuantiles.levels.map { level in
        let place = level * 799
        let below = sorted[Int(place)]
        return Double(below) + (place - place.rounded(.down)) * Double(sorted[Int(place) + 1] - below)
      }
      #expect(scaledDifference(found[band], expected) < 1e-6)
    }
    #expect(
      ChipSet([], normalization: Normalization(TinyProblem.card), size: 32, stride: 32).bandQuantiles == nil)
  }
}
