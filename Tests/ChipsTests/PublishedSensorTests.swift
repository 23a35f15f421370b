import Checkpoints
import Chips
import Models
import Rasters
import Scenes
import TestRasters
import Testing

/// The registry of weights knows neither sensors nor networks: here all three are seen.
@Suite("Published weights, the sensors they are for, and their networks")
struct PublishedSensorTests {
  private static func makesFilters(_ card: String) -> Bool {
    card.hasPrefix("dofa-") || card.hasPrefix("clay-")
  }

  @Test("Bands, wavelengths and units are those of the sensor", arguments: PublishedCard.all.map(\.name))
  func agreement(name: String) throws {
    let card = try #require(PublishedCard.named(name))
    let sensor = try #require(Sensor.named(card.sensor))
    guard sensor.name != Sensor.customName else { return }
    for band in card.bands {
      let index = try #require(sensor.bands.firstIndex { $0.name == band.name }, "\(band.name)")
      let wavelength = sensor.bands[index].wavelength
      if Self.makesFilters(name) {
        // Filters are made from the wavelengths that the publisher trained with, of radar bands, too.
        let own = try #require(band.wavelength, "\(band.name)")
        #expect(wavelength.map { abs($0 - own) <= 5 } ?? true, "\(band.name)")
      } else {
        #expect(wavelength == band.wavelength, "\(band.name)")
      }
      if let preparation = band.preparation { #expect(preparation.unit.physicalUnit == sensor.unit) }
    }
    let scenes = CardCheck.Scenes(sensor: sensor.name, unit: sensor.unit, bands: card.bands.map(\.name))
    if card.isSupported {
      #expect(card.problems(scenes: scenes, knownSensors: Sensor.all.map(\.name)).isEmpty)
    }
  }

  @Test("The network of every entry that is said to be supported is in the catalogue, and of no other")
  func backbones() {
    let known = Set(Architecture.all.map(\.description))
    for card in PublishedCard.all {
      #expect(known.contains(card.architecture) == card.isSupported, "\(card.name): \(card.architecture)")
    }
  }

  @Test("From stored number to network: the sensor's scale and the card give what the publisher's rule gives")
  func storedNumbers() throws {
    let entry = try #require(PublishedCard.named("satlas-swin-v2-b-landsat"))
    let sensor = try #require(Sensor.named(entry.sensor))
    let normalization = Normalization(try entry.card(architecture: "unet", classes: []))
    let numbers: [Double] = [0, 3999, 4000, 7000, 12_160, 20_320, 20_321, 65_535]
    var block = PixelBlock(
      width: numbers.count, height: 1, bandCount: 11,
      values: (0..<11).flatMap { _ in numbers.map { Float($0 * sensor.scale + sensor.offset) } },
      valid: numbers.map { _ in true })
    normalization.apply(to: &block)
    for (place, value) in block.values.enumerated() {
      let wanted = min(max((numbers[place % numbers.count] - 4000) / 16_320, 0), 1)
      #expect(abs(Double(value) - wanted) < 1e-6)
    }
  }
}
