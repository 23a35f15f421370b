import Checkpoints

/// The demands of a network on the images that it is given.
public struct InputContract: Hashable, Sendable {
  /// The bands of a date.
  public var bands: Int
  /// The rule by which the bands of two dates are compared, the earlier one's first; nil for a network of one
  /// date.
  public var comparison: DateComparison?
  /// The sides that every downsampling halves evenly are multiples of this; others lose what is left over, or
  /// are resampled.
  public var sideMultiple: Int
  /// Whether sides that are no such multiples are cut to whole patches, over whose ground scores would be
  /// stretched: a network of pixels must not learn from them.
  public var cutsOddSides = false
  /// The shortest side that the network can compute.
  public var smallestSide: Int
  /// Rows, and as many columns, of the patches that positions are learned for; nil without such a table.
  public var positionGrid: Int?

  /// Creates the demands of a network.
  public init(
    bands: Int, comparison: DateComparison? = nil, sideMultiple: Int = 32, smallestSide: Int = 1,
    positionGrid: Int? = nil
  ) {
    (self.bands, self.comparison) = (bands, comparison)
    (self.sideMultiple, self.smallestSide) = (sideMultiple, smallestSide)
    self.positionGrid = positionGrid
  }

  /// The channels of an image: the bands of all dates.
  public var channels: Int { comparison == nil ? bands : 2 * bands }

  /// The channels that an encoder sees at once.
  var encoderChannels: Int { comparison == .earlyFusion ? 2 * bands : bands }

  /// The smallest side that every downsampling halves evenly.
  public var smallestEvenSide: Int { (smallestSide + sideMultiple - 1) / sideMultiple * sideMultiple }
}
