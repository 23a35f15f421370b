/// An instrument and processing level: what its bands are called, and how stored numbers become physical
/// ones.
public struct Sensor: Sendable, Hashable {
  /// The name used in a pipeline file, "sentinel-2-l2a".
  public let name: String
  /// The bands in the order in which the sensor's products list them.
  public let bands: [SensorBand]
  /// Physical value for one step of the stored value.
  public let scale: Double
  /// Physical value of a stored zero.
  public let offset: Double
  /// The physical unit: "reflectance", "dB".
  public let unit: String
  /// The stored value that means "no data" where the file names none. A value of 0 counts only where all
  /// bands are 0: a single dark band is a measurement.
  public let noData: Double?
  /// The source of scale and offset.
  public let source: String
  /// Whether scale and offset differ from product to product and are stated in its metadata file: ``scale``
  /// and ``offset`` then say nothing.
  public let scalesByProduct: Bool
  /// Whether power and amplitude, which the name of a product says, are brought to decibels.
  public let convertsBackscatter: Bool
  /// Whether a physical value is x |x| of what scale and offset give.
  public let squaresWithSign: Bool
  /// GDAL's name of the one type that the sensor's numbers are stored in; nil where any may hold them.
  public let storedType: String?
  /// The number of bands, the first of ``bands``, that a file without names is taken to hold.
  let unnamedBandCount: Int

  /// Creates a sensor.
  public init(
    name: String, bands: [SensorBand], scale: Double = 1, offset: Double = 0, unit: String = "",
    noData: Double? = nil, source: String = "", scalesByProduct: Bool = false,
    convertsBackscatter: Bool = false, squaresWithSign: Bool = false, storedType: String? = nil,
    unnamedBandCount: Int? = nil
  ) {
    self.name = name
    self.bands = bands
    self.scale = scale
    self.offset = offset
    self.unit = unit
    self.noData = noData
    self.source = source
    self.scalesByProduct = scalesByProduct
    self.convertsBackscatter = convertsBackscatter
    (self.squaresWithSign, self.storedType) = (squaresWithSign, storedType)
    self.unnamedBandCount = unnamedBandCount ?? bands.count
  }

  /// Returns the place in ``bands`` of a band by any of its names, whatever the case; "B1" is "B01".
  public func bandIndex(matching name: String) -> Int? {
    let wanted = Self.normalised(name)
    guard !wanted.isEmpty else { return nil }
    return bands.firstIndex { Self.normalised($0.name) == wanted }
      ?? bands.firstIndex { band in
        band.commonName.map(Self.normalised) == wanted
          || band.aliases.contains { Self.normalised($0) == wanted }
      }
  }

  /// The sensor with the same bands for a file that already holds physical values, as many exports in
  /// floating point do.
  ///
  /// Only the user can know: a file of floating-point numbers may as well hold unscaled ones.
  public var storingPhysicalValues: Sensor {
    Sensor(name: name, bands: bands, unit: unit, noData: noData, source: "stored in physical units")
  }

  /// Returns the sensor with those of its bands that a file holds, by any names of theirs; other names count
  /// for nothing.
  public func holding(_ names: [String]) -> Sensor {
    let places = Set(names.compactMap(bandIndex))
    return Sensor(
      name: name, bands: bands.indices.filter(places.contains).map { bands[$0] }, scale: scale,
      offset: offset, unit: unit, noData: noData, source: source, scalesByProduct: scalesByProduct,
      convertsBackscatter: convertsBackscatter, squaresWithSign: squaresWithSign, storedType: storedType)
  }

  /// Whether its scenes are pictures, of which a file may say by colour which band is which.
  var isPicture: Bool { unit == Self.aerialRGB.unit }

  /// The name in pipeline files of a sensor of bands of their own.
  public static let customName = "custom"

  /// Returns the sensor for bands that no list knows: named by the pipeline file, used as they are stored.
  public static func custom(bands: [String]) -> Sensor {
    Sensor(
      name: customName, bands: bands.map { SensorBand($0) }, unit: "as stored",
      source: "bands named by the pipeline file")
  }

  /// Whether the numbers are reflectance at the top of the atmosphere, not at the ground.
  public var isAtTopOfAtmosphere: Bool {
    scalesByProduct || [Self.sentinel2L1C.name, Self.landsat8L1.name].contains(name)
  }

  /// Returns whether two names of bands are one in different spellings.
  package static func isSameName(_ one: String, _ other: String) -> Bool {
    normalised(one) == normalised(other)
  }

  /// Returns a name in upper case, without separators and without a zero after the letter of a band number:
  /// "b8a" and "B8A", "B01" and "B1", "NIR_NARROW" and "nir-narrow" are the same name.
  static func normalised(_ name: String) -> String {
    let letters = name.uppercased().filter { $0.isLetter || $0.isNumber }
    guard letters.hasPrefix("B0"), letters.dropFirst(2).first?.isNumber == true else { return letters }
    return "B" + letters.dropFirst(2)
  }
}

/// One spectral band or polarisation of a sensor.
public struct SensorBand: Sendable, Hashable {
  /// The name in the sensor's own products.
  public let name: String
  /// Other names in use for it.
  public let aliases: [String]
  /// The STAC common name.
  public let commonName: String?
  /// Centre wavelength in nanometres; nil for radar.
  public let wavelength: Double?
  /// Ground resolution in metres.
  public let resolution: Double?

  /// Creates a band.
  public init(
    _ name: String, _ commonName: String? = nil, wavelength: Double? = nil, resolution: Double? = nil,
    aliases: [String] = []
  ) {
    self.name = name
    self.commonName = commonName
    self.wavelength = wavelength
    self.resolution = resolution
    self.aliases = aliases
  }

  /// Returns the band with pixels of another size.
  func resolved(to metres: Double) -> SensorBand {
    SensorBand(name, commonName, wavelength: wavelength, resolution: metres, aliases: aliases)
  }
}
