/// A map of values of the later date to the radiometry of the earlier one.
package protocol DateNormalization: Sendable {
  /// Returns the value of a band as the earlier date would have it.
  func callAsFunction(_ value: Float, band: Int) -> Float
}

/// A pair whose later date has been brought to the radiometry of the earlier one.
package struct NormalizedPair: ImagePair {
  private let pair: any ImagePair
  private let normalization: any DateNormalization
  package var bandCount: Int { pair.bandCount }
  package var width: Int { pair.width }
  package var height: Int { pair.height }

  package init(_ pair: any ImagePair, _ normalization: any DateNormalization) {
    (self.pair, self.normalization) = (pair, normalization)
  }

  package func read(rows: Range<Int>) throws -> PairBlock {
    let block = try pair.read(rows: rows)
    var after = block.after
    for band in 0..<bandCount {
      for place in band * block.count..<(band + 1) * block.count {
        after[place] = normalization(after[place], band: band)
      }
    }
    return PairBlock(before: block.before, after: after, valid: block.valid)
  }
}
