extension ModelCard {
  /// Returns the bands at hand with the wavelengths that weights with this card know them by, for filters
  /// that are made from them: the card's own for bands of its sensor and for bands that have none, such as
  /// those of a radar; those of the other bands stay.
  ///
  /// - Parameters:
  ///   - bands: the bands, and the wavelengths of their centres in nanometres.
  ///   - sensor: the name of their sensor.
  package func wavelengths(
    of bands: [(name: String, wavelength: Double?)], of sensor: String
  ) -> [(name: String, wavelength: Double?)] {
    bands.map { name, wavelength in
      let known = self.bands.first { $0.name == name }?.wavelength
      return (name, sensor == self.sensor ? known ?? wavelength : wavelength ?? known)
    }
  }
}
