extension OpticalSensor.Instrument {
  /// An instrument like Sentinel-2's: 10 m, reflectance times 10,000 in steps of 5.
  static let sentinel2 = Self(
    step: 1, bandNames: ["B02", "B03", "B04", "B08", "B11", "B12"],
    response: (SIMD8(repeating: 1), SIMD8(repeating: 0))
  ) { reflectance in UInt16(max(1, min(3_200, (reflectance * 2_000).rounded())) * 5) }

  /// The instrument like Sentinel-2's in steps of 25: many small files take less space.
  static let sentinel2Chip = Self(
    step: 1, bandNames: sentinel2.bandNames, response: sentinel2.response
  ) { reflectance in UInt16(max(1, min(640, (reflectance * 400).rounded())) * 25) }

  /// Like that of Landsat 8: 30 m, the scale of Collection 2, a narrower near infrared in which plants are
  /// brighter.
  static let landsat8 = Self(
    step: 3, bandNames: ["SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7"],
    response: (
      SIMD8(0.98, 1.01, 0.98, 1.05, 1.00, 1.00, 0, 0),
      SIMD8(-0.004, -0.001, 0.001, -0.002, -0.001, -0.001, 0, 0)
    )
  ) { reflectance in UInt16(max(1, min(65_535, ((reflectance + 0.2) / 2.75e-5 / 20).rounded() * 20))) }
}
