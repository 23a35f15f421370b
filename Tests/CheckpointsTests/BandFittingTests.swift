import Checkpoints
import NumericOracles
import Tensors
import Testing

@Suite("Fitting the first convolution to other bands")
struct BandFittingTests {
  private let given = [
    band("B02", 492), band("B03", 560), band("B04", 665), band("B08", 833), band("VV", nil),
  ]

  private static func band(_ name: String, _ wavelength: Double?) -> ModelCard.Band {
    ModelCard.Band(name: name, wavelength: wavelength, mean: 0, deviation: 1)
  }

  @Test("a band takes its namesake, else the nearest within 40 nm, else zeros")
  func sources() {
    let fitting = BandFitting(
      from: given,
      to: [
        ("B04", 655), ("SR_B2", 482), ("B8A", 865), ("edge", 705), ("beyond", 705.1), ("B11", 1610),
        ("VV", nil),
        ("VH", nil), ("between", 526),
      ])
    #expect(
      fitting.sources == [
        .sameName("B04"), .nearestWavelength("B02", distance: 10), .nearestWavelength("B08", distance: 32),
        .nearestWavelength("B04", distance: 40), .zero, .zero, .sameName("VV"), .zero,
        .nearestWavelength("B02", distance: 34),
      ])
  }

  @Test("the filters of each band are copied whole")
  func filters() {
    let weight = HashedValues("weight").tensor([2, 5, 3, 3])
    let fitted = BandFitting(from: given, to: [("B04", nil), ("x", nil), ("B02", nil)]).fit(weight)
    #expect(fitted.shape == [2, 3, 3, 3])
    for filter in 0..<2 {
      func taps(_ tensor: Tensor, _ band: Int) -> [Float] {
        let start = (filter * tensor.shape[1] + band) * 9
        return Array(tensor.values[start..<start + 9])
      }
      #expect(taps(fitted, 0) == taps(weight, 2))
      #expect(taps(fitted, 1) == Array(repeating: 0, count: 9))
      #expect(taps(fitted, 2) == taps(weight, 0))
    }
  }
}
