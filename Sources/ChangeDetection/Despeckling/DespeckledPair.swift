/// The filters that speckle is reduced by.
package enum SpeckleFilter: String, CaseIterable, Sendable {
  case boxcar, lee
  case refinedLee = "refined-lee"
  case frost
  case gammaMAP = "gamma-map"

  /// Whether the filter must know how strong speckle is.
  package var needsLooks: Bool {
    switch self {
    case .boxcar, .frost: false
    case .lee, .refinedLee, .gammaMAP: true
    }
  }

  /// Intensities without most of their speckle.
  package func filtered(_ intensities: any PlaneSource, looks: Double) -> any PlaneSource {
    switch self {
    case .boxcar: WindowMean(intensities, radius: 3)
    case .lee: LocalStatisticsFilter(intensities, looks: looks, estimate: leeEstimate)
    case .refinedLee: RefinedLeeFilter(intensities, looks: looks)
    case .frost: FrostFilter(intensities)
    case .gammaMAP: LocalStatisticsFilter(intensities, looks: looks, estimate: gammaMAPEstimate)
    }
  }
}

/// A pair of radar scenes whose bands are the filtered intensities of another pair.
package struct DespeckledPair: ImagePair {
  private let before, after: [any PlaneSource]
  package let width, height: Int
  package var bandCount: Int { before.count }

  /// - Parameters:
  ///   - unit: what the pair's numbers are; what comes out is intensity.
  ///   - looks: equivalent number of looks; estimated for each band and date where nil.
  /// - Throws: what reading throws.
  package init(_ pair: any ImagePair, unit: BackscatterUnit, filter: SpeckleFilter, looks: Double?) throws {
    func planes(_ date: BandPlane.Date) throws -> [any PlaneSource] {
      try (0..<pair.bandCount).map { band in
        let intensities = MappedPlane(BandPlane(pair, band: band, of: date), unit.intensity)
        guard filter.needsLooks else { return filter.filtered(intensities, looks: 1) }
        return filter.filtered(intensities, looks: try looks ?? equivalentLooks(of: intensities) ?? 1)
      }
    }
    (before, after) = (try planes(.before), try planes(.after))
    (width, height) = (pair.width, pair.height)
  }

  package func read(rows: Range<Int>) throws -> PairBlock {
    PairBlock(
      before: try before.flatMap { try $0.read(rows: rows).values },
      after: try after.flatMap { try $0.read(rows: rows).values },
      valid: Array(repeating: true, count: rows.count * width))
  }
}
