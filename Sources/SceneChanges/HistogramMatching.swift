import ChangeDetection
import Scenes

/// The map of each band that gives the later date the distribution of the earlier one, over the pixels that
/// both observed.
///
/// What changed counts as well: where much did, its share of the distribution is forced onto what did not.
/// Lines through invariant pixels (``InvariantFeatureLines``) do not have that.
package struct HistogramMatching: DateNormalization {
  private let maps: [BandMap]

  /// The approximate number of pixels in the sample.
  private static let sample = 1 << 18

  /// Creates the maps of a pair; nil where no pixel is valid at both dates.
  ///
  /// - Throws: what reading throws.
  package init?(of pair: any ImagePair) throws {
    let step = max(1, Int((Double(pair.width * pair.height) / Double(Self.sample)).squareRoot().rounded(.up)))
    var (earlier, later) = (
      [[Float]](repeating: [], count: pair.bandCount), [[Float]](repeating: [], count: pair.bandCount)
    )
    for row in stride(from: 0, to: pair.height, by: step) {
      let block = try pair.read(rows: row..<row + 1)
      for column in stride(from: 0, to: pair.width, by: step) where block.valid[column] {
        for band in 0..<pair.bandCount {
          earlier[band].append(block.before[band * pair.width + column])
          later[band].append(block.after[band * pair.width + column])
        }
      }
    }
    guard earlier.first?.isEmpty == false else { return nil }
    maps = zip(earlier, later).map { earlier, later in
      BandMap(
        inputs: BandDistribution.probabilities.map(BandDistribution(later).quantile),
        outputs: BandDistribution.probabilities.map(BandDistribution(earlier).quantile))
    }
  }

  package func callAsFunction(_ value: Float, band: Int) -> Float { maps[band](value) }
}
