import Rasters
import Scenes

/// The sensors whose products a pipeline takes from a directory of scenes, and how it reads them.
struct SensorChoice {
  private let choice: SceneChoice
  private let own: Sensor
  private let bands: [String]

  init(_ file: PipelineFile) { (choice, own, bands) = (file.data.select, file.ownSensor, file.bands) }

  /// A verdict on a product.
  enum Verdict: Equatable {
    /// It is read as the pipeline's own sensor.
    case own
    /// It is read as another sensor, in which the pipeline's bands are found.
    case other(String)
    /// It is left out, for a reason in a sentence.
    case leftOut(String)
  }

  /// Returns what becomes of a scene; what nobody knows a product of is taken for the pipeline's sensor.
  func verdict(on scene: SceneSource) -> Verdict {
    if let refusal = scene.refusal {
      // A product in the geometry of the radar; where radar is mapped it fails with its remedy.
      guard refusal.code == .unsupported, scene.fileName.hasPrefix("S1"), isOptical else { return .own }
      return .leftOut(refusal.cause ?? "it is not read")
    }
    guard let product = scene.product, own.name != Sensor.customName else { return .own }
    let taken = choice.sensors ?? [own.name]
    let isOwn = product.isRead(by: own) && !(product.backscatter != nil && isOptical)
    if isOwn && (choice.matchesBands || taken.contains(own.name)) { return .own }
    if product.sensors.isEmpty {
      return .leftOut("\(product.words). Left out: no sensor that terrane knows reads it")
    }
    let listed = product.sensors.first { choice.matchesBands || taken.contains($0) }
    guard let listed, let sensor = Sensor.named(listed) else {
      return .leftOut(
        words(product) + trap(product) + ". Left out: select.sensors has it not" + hint(product))
    }
    if choice.matchesBands, let problem = mismatch(sensor) {
      return .leftOut("\(words(product)). Left out by 'matching': \(problem)")
    }
    return .other(sensor.name)
  }

  private var isOptical: Bool { own.unit == Sensor.sentinel2L2A.unit }

  /// Says why a sensor's numbers do not stand for the pipeline's; nil where they do.
  private func mismatch(_ sensor: Sensor) -> String? {
    if let problem = BandCorrespondence(of: bands, of: own, on: sensor).problems.first { return problem }
    if sensor.isAtTopOfAtmosphere != own.isAtTopOfAtmosphere {
      return "reflectance at the top of the atmosphere is not that of the ground"
    }
    return sensor.bands.contains { $0.wavelength != nil } ? nil : "its bands have no wavelengths"
  }

  private func words(_ product: ProductName) -> String {
    let isTop = product.sensors.lazy.compactMap(Sensor.named).first?.isAtTopOfAtmosphere ?? false
    return product.words + (isTop && !own.isAtTopOfAtmosphere ? " (top of the atmosphere)" : "")
  }

  /// Names a wanted band that is another one on the product's sensor; else the pipeline's sensor.
  private func trap(_ product: ProductName) -> String {
    if let sensor = product.sensors.lazy.compactMap(Sensor.named).first {
      for name in bands {
        guard let here = own.bandIndex(matching: name).map({ own.bands[$0] }), here.name == name,
          let there = sensor.bandIndex(matching: name).map({ sensor.bands[$0] }),
          let (one, other) = Self.differing(here, there)
        else { continue }
        return ". \(name) is \(other) there, \(one) on \(own.name)"
      }
    }
    return "; the pipeline is \(own.name)"
  }

  /// Returns the common names of two bands of one name that are others; nil where they are the same, or have
  /// none.
  private static func differing(_ here: SensorBand, _ there: SensorBand) -> (String, String)? {
    guard Sensor.isSameName(here.name, there.name), let one = here.commonName, let other = there.commonName,
      one != other, let first = here.wavelength, let second = there.wavelength,
      abs(first - second) > BandCorrespondence.tolerance * first
    else { return nil }
    return (one, other)
  }

  /// Advises to find the bands by wavelength, where that would take the product.
  private func hint(_ product: ProductName) -> String {
    let sensors = product.sensors.compactMap(Sensor.named)
    guard !choice.namesSensors, sensors.contains(where: { mismatch($0) == nil }) else { return "" }
    return "; 'select: {sensors: [matching]}' finds bands by wavelength"
  }
}
