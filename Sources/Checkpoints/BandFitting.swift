import Tensors

/// Fits the first convolution of pretrained weights to other bands.
public struct BandFitting {
  /// The way in which one wanted band was matched with the bands that the weights know.
  public enum Source: Hashable, Sendable {
    /// The weights have a band of the same name.
    case sameName(String)
    /// The weights have a band within 40 nm; it is the nearest.
    case nearestWavelength(String, distance: Double)
    /// The weights have no band near; the filters are filled as ``Unmatched`` says, with zeros unless told
    /// otherwise.
    case zero

    /// The matched band of the weights; nil where there is none.
    public var givenName: String? {
      switch self {
      case .sameName(let name), .nearestWavelength(let name, _): name
      case .zero: nil
      }
    }
  }

  /// The filters of a wanted band that no band of the weights is near.
  public enum Unmatched: String, CaseIterable, Hashable, Sendable {
    /// The filters are zeros: the network starts as if the band were not there, and learns it.
    case zero
    /// The filters are the given ones, first to last and again from the first, over the unmatched bands; then
    /// all filters, those of matched bands too, times given / wanted bands. A single wanted band takes the
    /// sum of all given filters.
    ///
    /// Without the factor the response would grow with the bands, and with it everything that the stored
    /// statistics of batch normalisation were measured on. With it, for random filters and bands of equal
    /// variance and correlation r, and n = wanted / given, each given filter meets the sum of n bands,
    /// divided by n: the response has sqrt((1 + (n - 1) r) / n) of its scale, which is 0.87 for 6 bands of 3
    /// at r = 0.5 and 1 where bands are alike. Bands far apart are rarely alike: frozen features mostly lose
    /// by it, so it is for training that follows.
    case tiled
  }

  private static let reach = 40.0

  /// The source of each wanted band.
  public let sources: [Source]
  /// The filters of wanted bands without a match.
  public let unmatched: Unmatched
  /// The account of the fitting, in sentences: one for each wanted band, and one for the factor where there
  /// is one.
  public let sentences: [String]
  /// The given bands whose filters are added up, for each wanted band.
  private let places: [[Int]]
  private let factor: Float

  /// Matches bands by exact name, where it is of the same sensor or the wavelengths do not say otherwise,
  /// then by nearest wavelength, else not at all.
  ///
  /// - Parameter isSameSensor: whether the wanted bands are of the weights' own sensor, whose names say all.
  public init(
    from given: [ModelCard.Band], to wanted: [(name: String, wavelength: Double?)],
    unmatched: Unmatched = .zero, isSameSensor: Bool = false
  ) {
    let matches = wanted.map { Self.match($0, among: given, isSameSensor) }
    let isTiled = unmatched == .tiled && !given.isEmpty && matches.contains { $0.place == nil }
    var tile = 0
    self.unmatched = unmatched
    sources = matches.map(\.source)
    places = matches.map { match in
      if let place = match.place { return [place] }
      guard isTiled else { return [] }
      if wanted.count == 1 { return Array(given.indices) }
      defer { tile += 1 }
      return [tile % given.count]
    }
    let isScaled = isTiled && wanted.count > 1 && wanted.count != given.count
    factor = isScaled ? Float(Double(given.count) / Double(wanted.count)) : 1
    sentences =
      zip(zip(wanted, sources), places).map { band, places in
        Self.sentence(band.0.name, band.1, places.map { given[$0].name })
      } + (isScaled ? ["all filters are multiplied by \(given.count)/\(wanted.count)"] : [])
  }

  /// Returns whether a band of the weights bears a wanted band's name and sees other light: B05 is the red
  /// edge of Sentinel-2 and the near infrared of Landsat 8.
  public static func isFalseNamesake(
    _ given: ModelCard.Band, of wanted: (name: String, wavelength: Double?)
  ) -> Bool {
    guard given.name == wanted.name, let own = given.wavelength, let other = wanted.wavelength else {
      return false
    }
    return abs(own - other) > reach
  }

  private static func match(
    _ band: (name: String, wavelength: Double?), among given: [ModelCard.Band], _ isSameSensor: Bool
  ) -> (source: Source, place: Int?) {
    let namesake = given.firstIndex {
      $0.name == band.name && (isSameSensor || !isFalseNamesake($0, of: band))
    }
    if let place = namesake { return (.sameName(band.name), place) }
    guard let wavelength = band.wavelength else { return (.zero, nil) }
    let distances = given.enumerated().compactMap { place, other in
      other.wavelength.map { (place, abs($0 - wavelength)) }
    }
    guard let (place, distance) = distances.min(by: { $0.1 < $1.1 }), distance <= reach else {
      return (.zero, nil)
    }
    return (.nearestWavelength(given[place].name, distance: distance), place)
  }

  private static func sentence(_ name: String, _ source: Source, _ filters: [String]) -> String {
    switch source {
    case .sameName: return "band \(name) takes its own filters"
    case .nearestWavelength(let other, let distance):
      return "band \(name) takes the filters of \(other), \(Int(distance.rounded())) nm away"
    case .zero:
      let filled =
        switch filters.count {
        case 0: "its filters start at zero"
        case 1: "it takes the filters of \(filters[0])"
        default: "it takes the sum of the filters of \(filters.joined(separator: ", "))"
        }
      return "band \(name) is unknown to the weights: \(filled)"
    }
  }

  /// Returns filters `[K, C, k, k]` of one date for two, `[K, 2 C, k, k]`: both dates get them halved, so
  /// that two alike dates give the response that one gave.
  public static func forBothDates(_ weight: Tensor) -> Tensor {
    let (filters, numbers) = (weight.shape[0], weight.shape.count / weight.shape[0])
    return Tensor(shape: [filters, 2 * weight.shape[1], weight.shape[2], weight.shape[3]]) { target in
      weight.withValues { source in
        for filter in 0..<filters {
          for index in 0..<numbers {
            let value = source[filter * numbers + index] / 2
            target[2 * filter * numbers + index] = value
            target[(2 * filter + 1) * numbers + index] = value
          }
        }
      }
    }
  }

  /// Returns the weights `[K, C, k, k]` for the wanted bands, from those for the given ones.
  public func fit(_ weight: Tensor) -> Tensor {
    let (filters, bands, area) = (weight.shape[0], weight.shape[1], weight.shape[2] * weight.shape[3])
    let shape: Shape = [filters, places.count, weight.shape[2], weight.shape[3]]
    let fitted = Tensor(repeating: 0, shape: shape)
    weight.withValues { source in
      fitted.mutate { target in
        for filter in 0..<filters {
          for (band, places) in places.enumerated() {
            let line = (filter * self.places.count + band) * area
            for (order, place) in places.enumerated() {
              let filters = (filter * bands + place) * area
              for tap in 0..<area {
                let value = factor * source[filters + tap]
                target[line + tap] = order == 0 ? value : target[line + tap] + value
              }
            }
          }
        }
      }
    }
    return fitted
  }
}
