/// The lines by which the values of one instrument become those that another would have measured: between the
/// bands of Sentinel-2's MSI and those of Landsat 8 and 9's OLI, which see slightly different parts of the
/// spectrum.
///
/// Source: Harmonized Landsat Sentinel-2 (HLS) product, version 2.0, band pass adjustment; surface
/// reflectance from 0 to 1. It is about the bands alone: neither the angle of view nor the atmosphere is.
public enum BandpassTable {
  /// Instruments whose bands the table knows.
  public enum Instrument: String, Codable, Sendable {
    /// The instrument of Sentinel-2.
    case msi
    /// The instrument of Landsat 8 and 9.
    case oli

    /// Creates the instrument of a sensor; nil for any other.
    public init?(_ sensor: Sensor) {
      if sensor.name.hasPrefix("sentinel-2") {
        self = .msi
      } else if sensor.name.hasPrefix("landsat-8") {
        self = .oli
      } else {
        return nil
      }
    }
  }

  /// The Sentinel-2 satellites whose lines are known.
  public enum Satellite: String, Codable, Sendable, CaseIterable {
    /// The first.
    case sentinel2A = "sentinel-2a"
    /// The second.
    case sentinel2B = "sentinel-2b"

    /// Creates the satellite that a scene's name begins with, `S2B` or `T32TQM_S2B`; nil where it names none.
    public init?(inName name: String) {
      let words = name.uppercased().split { !$0.isLetter && !$0.isNumber }
      if words.contains(where: { $0.hasPrefix("S2B") }) {
        self = .sentinel2B
      } else if words.contains(where: { $0.hasPrefix("S2A") }) {
        self = .sentinel2A
      } else {
        return nil
      }
    }
  }

  private struct Row {
    let msi, oli: String
    /// OLI = slope * MSI + offset.
    package let first, second: (slope: Double, offset: Double)
  }

  private static let rows = [
    Row(msi: "B01", oli: "B1", first: (0.9959, -0.0002), second: (0.9959, -0.0002)),
    Row(msi: "B02", oli: "B2", first: (0.9778, -0.0040), second: (0.9778, -0.0040)),
    Row(msi: "B03", oli: "B3", first: (1.0053, -0.0009), second: (1.0075, -0.0008)),
    Row(msi: "B04", oli: "B4", first: (0.9765, 0.0009), second: (0.9761, 0.0010)),
    Row(msi: "B8A", oli: "B5", first: (0.9983, -0.0001), second: (0.9966, 0.0000)),
    Row(msi: "B11", oli: "B6", first: (0.9987, -0.0011), second: (1.0000, -0.0003)),
    Row(msi: "B12", oli: "B7", first: (1.0030, -0.0012), second: (0.9867, 0.0004)),
  ]

  /// Returns the map of a band's reflectance to what the other instrument would have measured.
  ///
  /// - Parameters:
  ///   - band: the sensor's own name of the band.
  ///   - instrument: whose band it is.
  ///   - satellite: the Sentinel-2 that the other values are of, or are to be like.
  /// - Returns: nil for a band that has no counterpart in the table.
  public static func map(of band: String, from instrument: Instrument, satellite: Satellite) -> BandMap? {
    guard let row = rows.first(where: { (instrument == .msi ? $0.msi : $0.oli) == band }) else { return nil }
    let (slope, offset) = satellite == .sentinel2A ? row.first : row.second
    switch instrument {
    case .msi: return BandMap(slope: slope, offset: offset)
    case .oli: return BandMap(slope: 1 / slope, offset: -offset / slope)
    }
  }

  /// Returns the bands of an instrument that the table knows.
  public static func bands(of instrument: Instrument) -> [String] {
    rows.map { instrument == .msi ? $0.msi : $0.oli }
  }
}
