#if ONEDNN
  /// The division of a map into strips of tiles, which go through Winograd's domain one after the other.
  enum WinogradStrip {
    /// Floats that the matrices of a strip may take: at 1.5 MiB they stay near the core beside the filters.
    private static let cachedCount = 393_216
    /// The least number of tiles of a strip: with fewer, reading the filters, many more than tiles in the
    /// deep layers, takes longer than multiplying by them: with 512 channels, 8 tiles give 18 billion
    /// products a second, 32 give 24. Windows of 512 take 0.82 of the time with 64 that they take without a
    /// least number.
    private static let leastTiles = 64

    /// Returns the rows of tiles of a strip.
    ///
    /// - Parameters:
    ///   - rows: of all tiles.
    ///   - columns: of all tiles.
    ///   - channels: of the matrices on both sides of the product.
    static func rows(of rows: Int, columns: Int, channels: Int) -> Int {
      let cached = cachedCount / (Winograd.count * columns * channels)
      let least = (leastTiles + columns - 1) / columns
      return min(rows, max(cached, least))
    }

    /// Returns the floats from one matrix to the next: a cache line more than the matrix, because with powers
    /// of two all matrices of a tile would fall into the same few cache sets.
    static func stride(_ count: Int) -> Int { count + 16 }
  }
#endif
