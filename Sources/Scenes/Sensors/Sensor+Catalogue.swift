extension Sensor {
  /// The sensors that are known by name; ``custom(bands:)`` is made from the pipeline file.
  public static let all: [Sensor] = [
    sentinel2L2A, sentinel2L1C, sentinel1GRD, landsat8L1, landsat8L2, landsat7, landsat7L2, landsat5,
    landsat5L2, aerialRGB, landsat8TOA, landsat7TOA, landsat5TOA, sentinel1RTC, harmonizedS30, harmonizedL30,
    planetScope8, planetScope4, aerialRGBN, alphaEarth, tessera,
  ]

  /// Returns the sensor of a name, whatever its case; "custom" has no bands until the pipeline file names
  /// them.
  public static func named(_ name: String) -> Sensor? {
    let wanted = name.lowercased()
    return wanted == customName ? custom(bands: []) : all.first { $0.name == wanted }
  }

  /// Sentinel-2 surface reflectance; products of baseline 04.00 and later also carry an offset of -1000 in
  /// their metadata, which a scene reads from there.
  public static let sentinel2L2A = Sensor(
    name: "sentinel-2-l2a", bands: sentinel2Bands.filter { $0.name != "B10" }, scale: 1e-4,
    unit: "reflectance", noData: 0,
    source: "ESA Sentinel-2 Products Specification Document, quantification value 10000")

  /// Sentinel-2 top-of-atmosphere reflectance, 13 bands.
  public static let sentinel2L1C = Sensor(
    name: "sentinel-2-l1c", bands: sentinel2Bands, scale: 1e-4, unit: "reflectance", noData: 0,
    source: "ESA Sentinel-2 Products Specification Document, quantification value 10000")

  /// Sentinel-1 backscatter that is already in decibels.
  public static let sentinel1GRD = Sensor(
    name: "sentinel-1-grd",
    bands: [
      SensorBand("VV", resolution: 10, aliases: ["sigma0_vv", "gamma0_vv"]),
      SensorBand("VH", resolution: 10, aliases: ["sigma0_vh", "gamma0_vh"]),
      SensorBand("HH", resolution: 10, aliases: ["sigma0_hh", "gamma0_hh"]),
      SensorBand("HV", resolution: 10, aliases: ["sigma0_hv", "gamma0_hv"]),
    ], unit: "dB", source: "values are taken as decibels; NaN, as in any raster, is no data",
    unnamedBandCount: 2)

  /// Sentinel-1 backscatter of radiometrically terrain-corrected products, whose names say whether numbers
  /// are power, amplitude or decibels; all become decibels.
  public static let sentinel1RTC = Sensor(
    name: "sentinel-1-rtc",
    bands: ["VV", "VH", "HH", "HV"].map { name in
      SensorBand(name, resolution: 10, aliases: ["gamma0_\(name.lowercased())"])
    }, unit: "dB", source: "the product's name; numbers of products that are not known are taken as decibels",
    convertsBackscatter: true)

  /// Landsat 8 level 1: top-of-atmosphere reflectance without correction for the height of the sun.
  public static let landsat8L1 = Sensor(
    name: "landsat-8-oli", bands: operationalLandImagerBands, scale: 2e-5, offset: -0.1, unit: "reflectance",
    noData: 0, source: "USGS Landsat 8 Data Users Handbook, REFLECTANCE_MULT_BAND and REFLECTANCE_ADD_BAND")

  /// Landsat 8 and 9, Collection 2 level 2 surface reflectance.
  public static let landsat8L2 = Sensor(
    name: "landsat-8-oli-c2-l2", bands: operationalLandImagerBands, scale: 2.75e-5, offset: -0.2,
    unit: "reflectance", noData: 0, source: collection2)

  /// Landsat 7 surface reflectance times 10,000.
  public static let landsat7 = Sensor(
    name: "landsat-7-etm", bands: thematicMapperBands, scale: 1e-4, unit: "reflectance", noData: 0,
    source: collection1)

  /// Landsat 7, Collection 2 level 2 surface reflectance.
  public static let landsat7L2 = Sensor(
    name: "landsat-7-etm-c2-l2", bands: thematicMapperBands, scale: 2.75e-5, offset: -0.2,
    unit: "reflectance",
    noData: 0, source: collection2)

  /// Landsat 5 surface reflectance times 10,000.
  public static let landsat5 = Sensor(
    name: "landsat-5-tm", bands: thematicMapperBands, scale: 1e-4, unit: "reflectance", noData: 0,
    source: collection1)

  /// Landsat 5, Collection 2 level 2 surface reflectance.
  public static let landsat5L2 = Sensor(
    name: "landsat-5-tm-c2-l2", bands: thematicMapperBands, scale: 2.75e-5, offset: -0.2, unit: "reflectance",
    noData: 0, source: collection2)

  /// Landsat 8 and 9 level 1 of any collection: top-of-atmosphere reflectance for the height of the sun.
  public static let landsat8TOA = topOfAtmosphere(
    "landsat-8-oli-toa", operationalLandImagerBands.filter { !["B10", "B11"].contains($0.name) })

  /// Landsat 7 level 1 of any collection, and of before them: top-of-atmosphere reflectance.
  ///
  /// Its panchromatic band is 380 nm wide: it has no wavelength, so that it stands for no band of another
  /// sensor.
  public static let landsat7TOA = topOfAtmosphere(
    "landsat-7-etm-toa",
    thematicMapperBands.filter { $0.name != "B6" } + [
      SensorBand("B8", "pan", resolution: 15)
    ])

  /// Landsat 4 and 5 TM level 1 of any collection, and of before them: top-of-atmosphere reflectance.
  public static let landsat5TOA = topOfAtmosphere(
    "landsat-5-tm-toa", thematicMapperBands.filter { $0.name != "B6" })

  private static func topOfAtmosphere(_ name: String, _ bands: [SensorBand]) -> Sensor {
    Sensor(
      name: name, bands: bands, unit: "reflectance", noData: 0,
      source: "the product's MTL file: reflectance, else radiance, over the sine of the sun's elevation",
      scalesByProduct: true)
  }

  /// Pictures of three bytes a pixel; black is a colour, so there is no value for "no data".
  public static let aerialRGB = Sensor(
    name: "aerial-rgb",
    bands: [
      SensorBand("red", "red", wavelength: 660, aliases: ["R"]),
      SensorBand("green", "green", wavelength: 550, aliases: ["G"]),
      SensorBand("blue", "blue", wavelength: 470, aliases: ["B"]),
    ], scale: 1.0 / 255, unit: "share of full brightness", source: "8-bit pictures")

  /// Aerial pictures of four bytes a pixel, the fourth near infrared, as the National Agriculture Imagery Program
  /// has them. Writers often call it alpha; of this sensor it is a measurement.
  public static let aerialRGBN = Sensor(
    name: "aerial-rgbn",
    bands: aerialRGB.bands + [SensorBand("nir", "nir", wavelength: 830, aliases: ["N", "NIR", "infrared"])],
    scale: 1.0 / 255, unit: aerialRGB.unit, source: "8-bit pictures")

  /// Surface reflectance of Sentinel-2 on the grid and with the view of the harmonized products, version 2.
  public static let harmonizedS30 = Sensor(
    name: "hls-s30", bands: sentinel2Bands.map { $0.resolved(to: 30) }, scale: 1e-4, unit: "reflectance",
    noData: -9999, source: harmonized)

  /// Surface reflectance of Landsat 8 and 9 as the harmonized products have it, version 2. A band of a name is
  /// often another one than Sentinel-2's: B05 is near infrared. Those of heat are left out.
  public static let harmonizedL30 = Sensor(
    name: "hls-l30",
    bands: operationalLandImagerBands.filter { !["B8", "B10", "B11"].contains($0.name) }.map { band in
      SensorBand(
        "B0" + band.name.dropFirst(), band.commonName, wavelength: band.wavelength, resolution: 30,
        aliases: band.aliases.filter { !$0.hasPrefix("SR_") })
    }, scale: 1e-4, unit: "reflectance", noData: -9999, source: harmonized)

  /// Surface reflectance of PlanetScope's eight bands (SuperDove).
  public static let planetScope8 = Sensor(
    name: "planetscope-8b",
    bands: [
      SensorBand("coastal_blue", "coastal", wavelength: 443, resolution: 3),
      SensorBand("blue", "blue", wavelength: 490, resolution: 3),
      SensorBand("green_i", "green05", wavelength: 531, resolution: 3),
      SensorBand("green", "green", wavelength: 565, resolution: 3),
      SensorBand("yellow", "yellow", wavelength: 610, resolution: 3),
      SensorBand("red", "red", wavelength: 665, resolution: 3),
      SensorBand("rededge", "rededge071", wavelength: 705, resolution: 3),
      SensorBand("nir", "nir08", wavelength: 865, resolution: 3),
    ], scale: 1e-4, unit: "reflectance", noData: 0, source: planet)

  /// Surface reflectance of PlanetScope's four bands.
  public static let planetScope4 = Sensor(
    name: "planetscope-4b",
    bands: ["blue", "green", "red", "nir"].map { name in
      planetScope8.bands[planetScope8.bandIndex(matching: name)!]
    }, scale: 1e-4, unit: "reflectance", noData: 0, source: planet)

  private static let harmonized = "HLS Product User Guide, version 2.0, scale 0.0001 and fill -9999"
  private static let planet = "Planet, PlanetScope Product Specifications: surface reflectance times 10,000"
  private static let collection1 = "USGS LEDAPS surface reflectance, Collection 1 product guide, scale 0.0001"
  private static let collection2 = "USGS Landsat Collection 2 Level-2 Science Product Guide"

  /// The last column of names is the one that foundation-model toolkits use.
  private static let sentinel2Bands = [
    SensorBand("B01", "coastal", wavelength: 443, resolution: 60, aliases: ["COASTAL_AEROSOL"]),
    SensorBand("B02", "blue", wavelength: 490, resolution: 10),
    SensorBand("B03", "green", wavelength: 560, resolution: 10),
    SensorBand("B04", "red", wavelength: 665, resolution: 10),
    SensorBand("B05", "rededge071", wavelength: 705, resolution: 20, aliases: ["RED_EDGE_1", "rededge1"]),
    SensorBand("B06", "rededge075", wavelength: 740, resolution: 20, aliases: ["RED_EDGE_2", "rededge2"]),
    SensorBand("B07", "rededge078", wavelength: 783, resolution: 20, aliases: ["RED_EDGE_3", "rededge3"]),
    SensorBand("B08", "nir", wavelength: 842, resolution: 10, aliases: ["NIR_BROAD"]),
    SensorBand("B8A", "nir08", wavelength: 865, resolution: 20, aliases: ["NIR_NARROW"]),
    SensorBand("B09", "nir09", wavelength: 945, resolution: 60, aliases: ["WATER_VAPOR"]),
    SensorBand("B10", "cirrus", wavelength: 1375, resolution: 60),
    SensorBand("B11", "swir16", wavelength: 1610, resolution: 20, aliases: ["SWIR_1", "swir1"]),
    SensorBand("B12", "swir22", wavelength: 2190, resolution: 20, aliases: ["SWIR_2", "swir2"]),
  ]

  private static let operationalLandImagerBands = [
    SensorBand("B1", "coastal", wavelength: 443, resolution: 30, aliases: ["SR_B1", "COASTAL_AEROSOL"]),
    SensorBand("B2", "blue", wavelength: 482, resolution: 30, aliases: ["SR_B2"]),
    SensorBand("B3", "green", wavelength: 561, resolution: 30, aliases: ["SR_B3"]),
    SensorBand("B4", "red", wavelength: 655, resolution: 30, aliases: ["SR_B4"]),
    SensorBand("B5", "nir08", wavelength: 865, resolution: 30, aliases: ["SR_B5", "nir", "NIR_NARROW"]),
    SensorBand("B6", "swir16", wavelength: 1609, resolution: 30, aliases: ["SR_B6", "SWIR_1", "swir1"]),
    SensorBand("B7", "swir22", wavelength: 2201, resolution: 30, aliases: ["SR_B7", "SWIR_2", "swir2"]),
    SensorBand("B8", "pan", wavelength: 590, resolution: 15),
    SensorBand("B9", "cirrus", wavelength: 1373, resolution: 30),
    SensorBand("B10", "lwir11", wavelength: 10_895, resolution: 100, aliases: ["ST_B10"]),
    SensorBand("B11", "lwir12", wavelength: 12_005, resolution: 100),
  ]

  private static let thematicMapperBands = [
    SensorBand("B1", "blue", wavelength: 485, resolution: 30, aliases: ["SR_B1"]),
    SensorBand("B2", "green", wavelength: 560, resolution: 30, aliases: ["SR_B2"]),
    SensorBand("B3", "red", wavelength: 660, resolution: 30, aliases: ["SR_B3"]),
    SensorBand("B4", "nir08", wavelength: 830, resolution: 30, aliases: ["SR_B4", "nir", "NIR_BROAD"]),
    SensorBand("B5", "swir16", wavelength: 1650, resolution: 30, aliases: ["SR_B5", "SWIR_1", "swir1"]),
    SensorBand("B6", "lwir", wavelength: 11_450, resolution: 60, aliases: ["ST_B6"]),
    SensorBand("B7", "swir22", wavelength: 2215, resolution: 30, aliases: ["SR_B7", "SWIR_2", "swir2"]),
  ]
}
