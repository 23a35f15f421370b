import Checkpoints

extension PublishedCard {
  /// The cards whose network and number of bands a file was recognised to have: what it could be, not what it is.
  public static func likely(for candidates: [Recognition]) -> [PublishedCard] {
    all.filter { card in
      candidates.contains { $0.network.name == card.backbone && $0.options.bands == card.bands.count }
    }
  }
}
