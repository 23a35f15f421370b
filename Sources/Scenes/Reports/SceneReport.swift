import Foundation
import Rasters

/// A product as `terrane inspect` shows it: what it is, how its numbers become physical ones, what its masks
/// hide, and what values it has.
public struct SceneReport: Sendable, Encodable {
  /// One band.
  public struct Band: Sendable, Encodable {
    /// The sensor's name for it.
    public let name: String
    /// Metres of a pixel; nil where nobody knows them.
    public let metres: Double?
    /// Physical value for one stored step, and that of a stored zero.
    public let scale, offset: Double
    /// Decibels for a tenfold number that scale and offset give; nil where it is the physical value.
    public let decibelsPerDecade: Double?
    /// True where the physical value is x |x| of what scale and offset give; else nil.
    public let squaresWithSign: Bool?
    /// The stored numbers that are no measurement; nil where there are none.
    public let noData, saturated: Double?
    /// The least value, those that 5, 50 and 95 % lie below, and the greatest, of visible pixels; empty where
    /// there are none.
    public let quantiles: [Float]
    /// What is stored at the place that was asked for, and what it means; nil where none was.
    public let place: Place?
  }

  /// A band's pixel at a place.
  public struct Place: Sendable, Encodable {
    /// Column and row in the file, from 0.
    public let column, row: Int
    /// The stored number.
    public let stored: Double
    /// The physical value; nil where the number is no measurement.
    public let physical: Float?
  }

  /// The scene's name and path.
  public let name, path: String
  /// What it is: `Sentinel-2, level 2A`.
  public let product: String
  /// What its metadata say: the satellite, the version of the processing, the time, the piece of ground.
  public let platform, version, time, ground: String?
  /// The share of clouds that it states, of 1.
  public let statedCloudShare: Double?
  /// The reference system.
  public let system: String?
  /// How many files its metadata name, and which of them are not there.
  public let namedFiles: Int
  /// The files that its metadata name and that are not there.
  public let missingFiles: [String]
  /// The sensor that reads it, and the unit of its values.
  public let sensor, unit: String
  /// The file that the rules of its numbers come from; nil where they are the sensor's or the images' own.
  public let metadata: String?
  /// The bands that are there.
  public let bands: [Band]
  /// The files of its masks.
  public let masks: [String]
  /// The share of pixels that are visible, without data, or hidden, by what for, of 1; empty without a mask.
  public let shares: [String: Double]
  /// What the mask says at the place that was asked for; nil where none was, or it hides nothing there.
  public let hiddenFor: String?
  /// The number of pixels that values were taken from.
  public let sampledPixels: Int

  /// The most pixels that values are taken from, where there are more: whole blocks are decoded for each.
  private static let sampleLimit = 1 << 14
  /// Pixels of a scene that is read as a whole.
  private static let wholeLimit = 1 << 22

  /// Looks at a product; nil where it is none that a sensor of the catalogue reads.
  ///
  /// - Parameter position: map coordinates of the product at which pixels are looked at.
  /// - Throws: the refusal of a scene that has one; what reading throws; `gridMismatch` for a position outside
  ///   of it.
  public init?(_ source: SceneSource, at position: (x: Double, y: Double)? = nil) throws(RasterError) {
    if let refusal = source.refusal { throw refusal }
    let delivery = source.delivery
    let sensor: Sensor
    if let product = delivery?.product {
      guard let known = product.sensors.first.flatMap(Sensor.named) else { return nil }
      (sensor, self.product) = (known, product.words)
    } else if let known = Self.embedding(in: source) {
      (sensor, self.product) = (known, known.source)
    } else {
      return nil
    }
    (name, path) = (source.name, source.path)
    (platform, version, ground) = (delivery?.platform, delivery?.version, source.ground)
    time = delivery?.time ?? source.acquisition?.day.description
    (statedCloudShare, namedFiles) = (delivery?.cloudShare, delivery?.files.named ?? 0)
    missingFiles = delivery?.files.missing ?? []
    (self.sensor, unit) = (sensor.name, sensor.unit)
    metadata = source.metadata?.files.first
    let found = try sensor.bands.map { band throws(RasterError) -> Scene? in
      do throws(RasterError) {
        return try Scene(source, sensor: sensor, bands: [band.name])
      } catch {
        guard error.code == .missingBand else { throw error }
        return nil
      }
    }
    let singles = found.compactMap(\.self)
    guard let finest = singles.max(by: { $0.grid.width < $1.grid.width }) else {
      throw RasterError(
        .missingBand, "find the bands", path: source.path, cause: "no band of \(sensor.name) is there")
    }
    system = finest.grid.crs?.name
    masks = Array(Set(source.masks.map(\.file))).sorted()
    shares = masks.isEmpty ? [:] : try Self.shares(singles, of: source)
    var bands: [Band] = []
    var (hidden, sampled): (String?, Int) = (nil, 0)
    for scene in singles {
      let pixels = scene.grid.bounds.pixelCount
      let sample = try SceneSample(scene, limit: pixels <= Self.wholeLimit ? pixels : Self.sampleLimit)
      sampled = max(sampled, sample.count)
      var place: Place?
      if let position {
        let pixel = try scene.storedPixel(at: position)
        place = Place(column: pixel.column, row: pixel.row, stored: pixel.stored, physical: pixel.physical)
        hidden = hidden ?? pixel.hiddenFor
      }
      let rule = scene.rules[0]
      bands.append(
        Band(
          name: scene.bandNames[0], metres: scene.grid.pixelMetres, scale: rule.scale, offset: rule.offset,
          decibelsPerDecade: rule.decibelsPerDecade, squaresWithSign: rule.squaresWithSign ? true : nil,
          noData: rule.noData, saturated: rule.saturated,
          quantiles: Self.quantiles(sample.bands[0]),
          place: place))
    }
    (self.bands, hiddenFor, sampledPixels) = (bands, hidden, sampled)
  }

  /// Returns the sensor of embeddings that a scene's one file is of, by the names of its bands; nil where it
  /// is of none, or cannot be read.
  private static func embedding(in source: SceneSource) -> Sensor? {
    guard source.files.count == 1, let raster = try? source.raster(at: source.files[0]) else { return nil }
    return Sensor.embedding(ofBands: raster.bands.map { $0.description ?? "" })
  }

  /// Returns the shares of what masks hide, on the grid of the band whose pixels are most like a mask's.
  private static func shares(
    _ scenes: [Scene], of source: SceneSource
  ) throws(RasterError) -> [String: Double] {
    let mask = try source.raster(at: source.masks[0].file).grid.bounds.pixelCount
    let scene = scenes.min {
      abs($0.grid.bounds.pixelCount - mask) < abs($1.grid.bounds.pixelCount - mask)
    }!
    var counts: [String: Int] = [:]
    for strip in scene.grid.bounds.strips(ofHeight: max(1, (1 << 22) / scene.grid.width)) {
      let valid = try scene.read(strip).valid
      let codes = try scene.hiddenWords(in: strip)
      for pixel in valid.indices {
        let word =
          valid[pixel] ? "visible" : codes[pixel] == 0 ? "no data" : MaskWords.all[Int(codes[pixel]) - 1].name
        counts[word, default: 0] += 1
      }
    }
    return counts.mapValues { Double($0) / Double(scene.grid.bounds.pixelCount) }
  }

  private static func quantiles(_ values: [Float]) -> [Float] {
    guard !values.isEmpty else { return [] }
    let sorted = values.sorted()
    return [0, 0.05, 0.5, 0.95, 1].map { sorted[Int((Double(sorted.count - 1) * $0).rounded())] }
  }
}

extension Grid {
  /// Metres of a pixel; nil where nobody knows them.
  fileprivate var pixelMetres: Double? {
    guard let transform, let unit = crs?.metresPerUnit else { return nil }
    return transform.columnX.magnitude * unit
  }
}
