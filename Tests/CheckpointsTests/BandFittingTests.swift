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

  @Test("a band of the same name that sees other light is no namesake")
  func falseNamesakes() {
    let fitting = BandFitting(
      from: [Self.band("B05", 705), Self.band("B8A", 865), Self.band("VV", nil)],
      to: [("B05", 865), ("B8A", 866), ("VV", 5e7), ("B05", nil)])
    #expect(
      fitting.sources == [
        .nearestWavelength("B8A", distance: 0), .sameName("B8A"), .sameName("VV"), .sameName("B05"),
      ])
    let landsat = BandFitting(from: [Self.band("B05", 705)], to: [("B05", 865)])
    #expect(landsat.sources == [.zero])
    let own = BandFitting(from: [Self.band("B05", 0.705)], to: [("B05", 705)], isSameSensor: true)
    #expect(own.sources == [.sameName("B05")])
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

  @Test("bands that nothing is near are tiled as timm tiles three bands", arguments: [1, 2, 3, 4, 6, 13])
  func tiling(bands: Int) throws {
    let golden = try WeightsFile(contentsOf: goldenPath("band_tiling.safetensors"))
    let colours = ["red", "green", "blue"].map { Self.band($0, nil) }
    let wanted = (0..<bands).map { (name: "band \($0)", wavelength: Double?.none) }
    let fitted = BandFitting(from: colours, to: wanted, unmatched: .tiled).fit(try golden.tensor("weight"))
    let expected = try golden.tensor("bands\(bands)")
    #expect(fitted.shape == expected.shape)
    for (value, wanted) in zip(fitted.values, expected.values) { #expect(abs(value - wanted) <= 1e-6) }
  }

  @Test("beside matched bands the others are tiled, and all are scaled; where all match nothing is")
  func partialTiling() {
    let weight = HashedValues("tiled").tensor([2, 5, 1, 1])
    func line(_ tensor: Tensor, _ filter: Int) -> [Float] {
      Array(tensor.values[filter * tensor.shape[1]..<(filter + 1) * tensor.shape[1]])
    }
    let wanted: [(name: String, wavelength: Double?)] = [
      ("x", nil), ("VV", nil), ("y", nil), ("B04", nil), ("B8A", 865), ("z", nil), ("B03", nil), ("B02", nil),
    ]
    let fitting = BandFitting(from: given, to: wanted, unmatched: .tiled)
    let fitted = fitting.fit(weight)
    for filter in 0..<2 {
      let own = line(weight, filter)
      let expected = [0, 4, 1, 2, 3, 2, 1, 0].map { own[$0] * (5.0 / 8) }
      #expect(line(fitted, filter) == expected)
    }
    #expect(
      fitting.sentences == [
        "band x is unknown to the weights: it takes the filters of B02", "band VV takes its own filters",
        "band y is unknown to the weights: it takes the filters of B03", "band B04 takes its own filters",
        "band B8A takes the filters of B08, 32 nm away",
        "band z is unknown to the weights: it takes the filters of B04", "band B03 takes its own filters",
        "band B02 takes its own filters", "all filters are multiplied by 5/8",
      ])
    let known = BandFitting(from: given, to: [("B04", nil), ("B02", nil)], unmatched: .tiled)
    #expect(line(known.fit(weight), 0) == [line(weight, 0)[2], line(weight, 0)[0]])
    #expect(known.sentences == ["band B04 takes its own filters", "band B02 takes its own filters"])
  }

  @Test("what is done is said for every band")
  func sentences() {
    #expect(
      BandFitting(from: given, to: [("x", nil)]).sentences == [
        "band x is unknown to the weights: its filters start at zero"
      ])
    #expect(
      BandFitting(from: given, to: [("x", nil)], unmatched: .tiled).sentences == [
        "band x is unknown to the weights: it takes the sum of the filters of B02, B03, B04, B08, VV"
      ])
    let none = BandFitting(from: [], to: [("x", nil), ("y", nil)], unmatched: .tiled)
    #expect(none.sentences.allSatisfy { $0.hasSuffix("its filters start at zero") })
  }
}
