/// The amplitudes of one radar band of both dates, averaged over small windows, for ratios of them.
///
/// Amplitudes rather than intensities, because single bright scatterers sway a mean of intensities more. To each date a share of
/// its mean is added: a ratio of what is almost nothing, or of zeros, would say more about noise than about the ground.
struct BackscatterPair {
  /// Added to each date, as a share of its mean amplitude.
  static let floor = 0.05

  let before, after: any PlaneSource
  /// What is added to the dates.
  private let floors: (before: Float, after: Float)

  /// - Parameter radius: of the windows; 0 takes the pixels as they are.
  /// - Throws: what reading throws.
  init(_ pair: any ImagePair, band: Int, unit: BackscatterUnit, radius: Int) throws {
    func amplitudes(_ date: BandPlane.Date) -> MappedPlane {
      MappedPlane(BandPlane(pair, band: band, of: date), unit.amplitude)
    }
    func floor(_ plane: some PlaneSource) throws -> Float {
      var (sum, count) = (0.0, 0)
      try plane.forEachStrip { plane, _ in
        for value in plane.values where value.isFinite {
          sum += Double(value)
          count += 1
        }
      }
      // Where both are 0 throughout, the ratio is to be 1.
      return Float(max(Self.floor * sum / Double(max(1, count)), .leastNormalMagnitude))
    }
    floors = (try floor(amplitudes(.before)), try floor(amplitudes(.after)))
    before = WindowMean(amplitudes(.before), radius: radius)
    after = WindowMean(amplitudes(.after), radius: radius)
  }

  /// A function of the two amplitudes of each pixel; NaN where either was not observed.
  func read(rows: Range<Int>, _ function: (_ before: Float, _ after: Float) -> Float) throws -> Plane {
    var plane = try before.read(rows: rows)
    let other = try after.read(rows: rows)
    for index in plane.values.indices {
      plane.values[index] = function(plane.values[index] + floors.before, other.values[index] + floors.after)
    }
    return plane
  }
}
