import RegexBuilder

/// The instrument and level that the name of a product states, by the rules of USGS and ESA.
public struct ProductName: Hashable, Sendable {
  /// The product's usual name: `Landsat 8, level 1`.
  public let words: String
  /// The sensors of the catalogue that read it as it is.
  public let sensors: [String]
  /// What the numbers of a radar product are; nil of other products.
  public let backscatter: StoredBackscatter?

  /// The kinds of content that a picture of PlanetScope is delivered with.
  enum PlanetScopeContent: Hashable, Sendable {
    /// Surface reflectance, of eight bands or of four.
    case surfaceReflectance(isEightBands: Bool)
    /// Radiance.
    case radiance
    /// A picture for the eye.
    case visual
    /// A mask, or a description.
    case accessory
  }

  /// A quantity that stands for backscatter.
  public enum StoredBackscatter: String, Sendable {
    /// Power, in linear units.
    case power
    /// The root of power.
    case amplitude
    /// 10 log10 of power.
    case decibels

    /// Decibels for a tenfold number; nil where numbers are decibels.
    var decibelsPerDecade: Double? {
      switch self {
      case .power: 10
      case .amplitude: 20
      case .decibels: nil
      }
    }
  }

  /// Reads the name of a file or directory, which may hold more; nil where it names no product that is known.
  public init?(in name: String) {
    if let match = name.firstMatch(of: /S2[A-D]_MSIL(1C|2A)_/) {
      self.init(sentinel2Level: match.output.1)
    } else if let match = name.firstMatch(
      of: /L([COTEM])0([4-9])_L(1|2)[A-Z]{2}_\d{6}_\d{8}_\d{8}_(\d{2})_/.asciiOnlyDigits())
    {
      self.init(
        landsat: match.output.2, level: match.output.3, collection: Int(match.output.4),
        isScanner: match.output.1 == "M")
    } else if let radar = Self(radarTerrainCorrected: name) {
      self = radar
    } else if let match = name.prefixMatch(of: /HLS\.(S30|L30)\.T\d\d[A-Z]{3}\.\d{7}T\d{6}\.v2\./) {
      self.init(harmonized: String(match.output.1))
    } else {
      return nil
    }
  }

  private init(_ words: String, _ sensors: [Sensor], backscatter: StoredBackscatter? = nil) {
    (self.words, self.sensors, self.backscatter) = (words, sensors.map(\.name), backscatter)
  }

  /// Reads the name of a radiometrically terrain-corrected Sentinel-1 product, or of an image of one
  /// polarisation in it: ASF HyP3's, whose letters say the quantity, NASA OPERA's, and that of the Planetary
  /// Computer. A name that goes on is that of something made from it, and says nothing.
  init?(radarTerrainCorrected name: String) {
    // Expressions are made for each name: most names of a directory are told apart without.
    guard name.hasPrefix("S1") || name.hasPrefix("OPERA") || name.contains(".rtc.") else { return nil }
    let (words, stored): (String, StoredBackscatter)
    let image = /(_(VV|VH|HH|HV)(\.tiff?)?)?/
    let hyp3 = Regex {
      /S1[A-D]_[A-Z0-9]{2}_\d{8}T\d{6}_\w{3}_RTC\d\d_[A-Z]_/
      Capture(/[gs]/)
      Capture(/[pda]/)
      /[a-z]{4}_[0-9A-F]{4}/
      image
    }
    let opera = Regex {
      /OPERA_L2_RTC-S1_[^_]+_\d{8}T\d{6}Z_\d{8}T\d{6}Z_S1[A-D]_\d+_v\d+\.\d+/
      image
    }
    if let match = name.wholeMatch(of: hyp3) {
      stored = match.2 == "p" ? .power : match.2 == "a" ? .amplitude : .decibels
      words = "HyP3's RTC, \(match.1 == "g" ? "gamma" : "sigma") nought"
    } else if name.wholeMatch(of: opera) != nil {
      (words, stored) = ("OPERA's RTC, gamma nought", .power)
    } else if name.wholeMatch(of: /S1[A-D]_[A-Z0-9]{2}_GRD\w*_rtc|[a-z0-9]{2}-[vh]{2}\.rtc\.tiff?/) != nil {
      (words, stored) = ("Sentinel-1 RTC of the Planetary Computer, gamma nought", .power)
    } else {
      return nil
    }
    self.init(
      "\(words) in \(stored.rawValue)",
      stored == .decibels ? [.sentinel1RTC, .sentinel1GRD] : [.sentinel1RTC],
      backscatter: stored)
  }

  /// Reads the name of an orthophoto of a quarter quadrangle of the National Agriculture Imagery Program,
  /// `m_4008516_ne_16_060_20230614.tif`: quadrangle, quarter, zone, size of pixels, day, and day of release.
  init?(aerial name: String) {
    guard name.hasPrefix("m_"),
      name.wholeMatch(
        of: /m_\d{7}_(ne|nw|se|sw)_\d\d?_[\dh]+_\d{8}(_\d{8})?\.tiff?/.asciiOnlyDigits()) != nil
    else { return nil }
    self.init("NAIP, an aerial picture", [.aerialRGBN, .aerialRGB])
  }

  /// Creates the name of a Sentinel-2 product of a level, `1C` or `2A`.
  init(sentinel2Level level: Substring) {
    self.init("Sentinel-2, level \(level)", [level == "1C" ? Sensor.sentinel2L1C : .sentinel2L2A])
  }

  /// Creates the name of a Harmonized Landsat and Sentinel-2 product of a kind, `S30` or `L30`.
  init(harmonized kind: String) {
    self.init(
      "HLS \(kind), Harmonized \(kind == "S30" ? "Sentinel-2" : "Landsat 8 and 9") surface reflectance",
      [kind == "S30" ? Sensor.harmonizedS30 : .harmonizedL30])
  }

  /// Creates the name of a file of PlanetScope by its content; nil of masks and descriptions.
  init?(planetScope content: PlanetScopeContent) {
    switch content {
    case .surfaceReflectance(let isEightBands):
      self.init(
        "PlanetScope surface reflectance of \(isEightBands ? "eight" : "four") bands",
        [isEightBands ? Sensor.planetScope8 : .planetScope4])
    case .radiance:
      self.init("PlanetScope radiance (AnalyticMS; AnalyticMS_SR is surface reflectance)", [])
    case .visual:
      self.init("PlanetScope Visual, a picture for the eye (AnalyticMS_SR is surface reflectance)", [])
    case .accessory: return nil
    }
  }

  /// Creates the name of surface reflectance of collection 1 on demand, times 10,000; nil of a satellite that
  /// is not known.
  init?(landsatOnDemand number: Substring) {
    let sensor: Sensor
    switch number {
    case "4", "5": sensor = .landsat5
    case "7": sensor = .landsat7
    default: return nil
    }
    self.init("Landsat \(number), collection 1, surface reflectance on demand", [sensor])
  }

  /// Creates the name of a Landsat product of a satellite, level and collection; nil for one that is not
  /// known.
  ///
  /// - Parameters:
  ///   - collection: nil of a product of before the collections.
  ///   - isScanner: whether it is of the Multispectral Scanner, whose bands no sensor of the catalogue has.
  init?(landsat number: Substring, level: Substring, collection: Int?, isScanner: Bool) {
    let words =
      "Landsat \(number), " + (isScanner ? "MSS, " : "")
      + (collection.map { "collection \($0), " } ?? "before the collections, ")
      + "level \(level)"
    let sensors: [Sensor]
    switch (number, level, collection) {
    case _ where isScanner: sensors = []
    case ("8", "1", _), ("9", "1", _): sensors = [.landsat8TOA, .landsat8L1]
    case ("8", "2", 2), ("9", "2", 2): sensors = [.landsat8L2]
    case ("7", "1", _): sensors = [.landsat7TOA]
    case ("5", "1", _), ("4", "1", _): sensors = [.landsat5TOA]
    case ("7", "2", 2): sensors = [.landsat7L2]
    case ("5", "2", 2), ("4", "2", 2): sensors = [.landsat5L2]
    default: return nil
    }
    self.init(words, sensors)
  }

  /// Whether it is a picture taken below the clouds.
  var isAerial: Bool { sensors.contains(Sensor.aerialRGB.name) }

  /// The product, and the sensor of the catalogue that reads it: `Landsat 8, collection 2, level 2, which
  /// 'landsat-8-oli-c2-l2' reads`.
  var wordsWithReader: String { words + (sensors.first.map { ", which '\($0)' reads" } ?? "") }

  /// Returns whether the product's numbers are those of a sensor, or the sensor is a user's own; radar's are
  /// told from those of other radar sensors only.
  package func isRead(by sensor: Sensor) -> Bool {
    sensor.name == Sensor.customName || sensors.contains(sensor.name)
      || backscatter != nil && sensor.unit != Sensor.sentinel1RTC.unit
  }

  /// Returns the reason why a product of this name is none of a sensor, as a clause; nil where it is one, or
  /// where the sensor is a user's own.
  public func doubt(about sensor: Sensor) -> String? {
    isRead(by: sensor) ? nil : "by its name it is \(wordsWithReader)"
  }
}
