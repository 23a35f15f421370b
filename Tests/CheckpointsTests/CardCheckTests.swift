import Checkpoints
import Testing

@Suite("What of a card contradicts")
struct CardCheckTests {
  private let sound = ModelCard(
    architecture: "unet", encoder: "resnet18", sensor: "landsat-8-oli",
    bands: [
      .init(name: "B4", wavelength: 655, mean: 0.1, deviation: 0.2, clip: .init(0, 1), unit: "reflectance"),
      .init(name: "B10", wavelength: 10_895, mean: 280, deviation: 10, unit: "kelvin"),
      .init(name: "B5", wavelength: 865, mean: 0.3, deviation: 0.2),
    ], classes: [])
  private let scenes = CardCheck.Scenes(
    sensor: "landsat-8-oli", unit: "reflectance", bands: ["B4", "B10", "B5"])

  @Test("a sound card for its own scenes has no problem and no warning")
  func none() {
    var card = sound
    card.bands[1].unit = "Reflectance"
    let check = CardCheck(
      card, inputChannels: 3, scenes: scenes, knownSensors: ["landsat-8-oli", "custom"])
    #expect(check.problems.isEmpty && check.warnings.isEmpty)
  }

  @Test("a unit that differs is named, unless the band is not read or values are used as they are stored")
  func units() {
    #expect(
      CardCheck(sound, scenes: scenes).problems == [
        "the weights want band 'B10' in kelvin, landsat-8-oli gives reflectance: store it in kelvin and name the sensor "
          + "custom, or leave the band out"
      ])
    var other = scenes
    other.bands = ["B4", "B5"]
    #expect(CardCheck(sound, scenes: other).problems.isEmpty)
    other = scenes
    other.isAsStored = true
    #expect(CardCheck(sound, scenes: other).problems.isEmpty)
    #expect(CardCheck(sound).problems.isEmpty)
  }

  @Test("numbers that no division survives, bands twice, counts and sensors that do not fit: all at once")
  func numbers() {
    var card = sound
    card.sensor = "landsat8"
    card.bands[0].mean = .nan
    card.bands[0].deviation = 0
    card.bands[0].clip = .init(1, 1)
    card.bands[1].deviation = .infinity
    card.bands[2].wavelength = -865
    card.bands.append(card.bands[2])
    card.bands[3].wavelength = nil
    card.bands.append(card.bands[3])
    #expect(
      CardCheck(card, inputChannels: 13, knownSensors: ["landsat-8-oli", "custom"]).problems == [
        "the card's sensor 'landsat8' is unknown; there are landsat-8-oli, custom",
        "the card names 5 bands, the first convolution takes 13",
        "the card names band 'B5' more than once",
        "band 'B4' has mean nan",
        "band 'B4' has deviation 0.0; it must be above 0",
        "band 'B4' is clipped to 1.0 ... 1.0; the first must be below the second",
        "band 'B10' has deviation inf; it must be above 0",
        "band 'B5' has wavelength -865.0; it must be above 0 nm",
      ])
    card.bands = []
    #expect(CardCheck(card).problems == ["the card names no band"])
  }

  @Test(
    "a licence that forbids commercial use, or none, is a warning and no problem",
    arguments: [
      (nil, false, nil), ("CC-BY-4.0", false, nil), ("Apache-2.0", false, nil),
      ("CC-BY-NC-4.0", false, "the licence of w (CC-BY-NC-4.0) forbids commercial use"),
      ("special", true, "the licence of w (special) forbids commercial use"),
      (nil, true, "the licence of w forbids commercial use"),
      ("none", false, "the publisher of w states no licence"),
    ] as [(String?, Bool, String?)])
  func licences(licence: String?, isNonCommercial: Bool, warning: String?) {
    var card = sound
    (card.licence, card.isNonCommercial, card.origin) = (licence, isNonCommercial, "w")
    let check = CardCheck(card)
    #expect(check.problems.isEmpty && check.warnings.count == (warning == nil ? 0 : 1))
    if let warning { #expect(check.warnings.first?.hasPrefix(warning) == true) }
  }
}
