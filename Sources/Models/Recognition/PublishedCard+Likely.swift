import Checkpoints

extension PublishedCard {
  /// Returns the cards whose network and number of bands the best explanation of a file has: what it could
  /// be, not what it is.
  public static func likely(for candidates: [Recognition]) -> [PublishedCard] {
    let best = candidates.prefix { $0.agreement == candidates[0].agreement }
    return all.filter { card in
      best.contains {
        card.isSupported && $0.network.description == card.architecture
          && ($0.isOfAnyBands || $0.options.bands == card.bands.count)
      }
    }
  }
}
