import Tensors

/// Fits the first convolution of pretrained weights to other bands.
public struct BandFitting {
  /// Where the filters of one wanted band come from.
  public enum Source: Hashable, Sendable {
    /// The band of the same name.
    case sameName(String)
    /// The nearest band within 40 nm.
    case nearestWavelength(String, distance: Double)
    /// Nothing near: zeros, so that the network starts as if the band were not there.
    case zero
  }

  private static let reach = 40.0

  /// For each wanted band, its source.
  public let sources: [Source]
  private let places: [Int?]

  /// Matches bands by exact name, then by nearest wavelength, else not at all.
  public init(from given: [ModelCard.Band], to wanted: [(name: String, wavelength: Double?)]) {
    let matches = wanted.map { band -> (Source, Int?) in
      if let place = given.firstIndex(where: { $0.name == band.name }) {
        return (.sameName(band.name), place)
      }
      guard let wavelength = band.wavelength else { return (.zero, nil) }
      let distances = given.enumerated().compactMap { place, other in
        other.wavelength.map { (place, abs($0 - wavelength)) }
      }
      guard let (place, distance) = distances.min(by: { $0.1 < $1.1 }), distance <= Self.reach else {
        return (.zero, nil)
      }
      return (.nearestWavelength(given[place].name, distance: distance), place)
    }
    sources = matches.map(\.0)
    places = matches.map(\.1)
  }

  /// The weights `[K, C, k, k]` for the wanted bands, from those for the given ones.
  public func fit(_ weight: Tensor) -> Tensor {
    let (filters, bands, area) = (weight.shape[0], weight.shape[1], weight.shape[2] * weight.shape[3])
    let shape: Shape = [filters, places.count, weight.shape[2], weight.shape[3]]
    let fitted = Tensor(repeating: 0, shape: shape)
    weight.withValues { source in
      fitted.mutate { target in
        for filter in 0..<filters {
          for (band, place) in places.enumerated() {
            guard let place else { continue }
            for tap in 0..<area {
              target[(filter * places.count + band) * area + tap] =
                source[(filter * bands + place) * area + tap]
            }
          }
        }
      }
    }
    return fitted
  }
}
