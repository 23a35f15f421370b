/// The rule by which one value of several dates stands for a pixel.
package enum CompositeMethod: Hashable, Sendable {
  /// The median of each band over the valid dates; of an even number the mean of the two in the middle. Bands
  /// of one pixel may come from different dates.
  case median
  /// The valid date whose vector of bands has the least sum of Euclidean distances to those of all other
  /// valid dates; of two dates the one that is nearer the period's middle.
  ///
  /// - Source: Flood 2013, doi:10.3390/rs5126481.
  case medoid
  /// The first valid date in an order.
  case firstClear
  /// The valid date of the greatest normalised difference of two bands, given by their places: (near infrared
  /// - red) / (near infrared + red). A date on which that is no number comes after all others.
  case maxNDVI(red: Int, nearInfrared: Int)

  /// Whether all bands of a pixel come from one date.
  package var choosesDate: Bool { self != .median }
}
