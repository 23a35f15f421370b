/// What is asked of GDAL's cache of decoded blocks, which all files share.
package struct BlockCacheDemand {
  /// Bytes that are kept where nothing asks for more.
  package static let standard = 64 << 20
  /// Bytes that open scenes have kept at most, all together.
  private static let most = 512 << 20

  /// Bytes by the plan of what is being done, which counts memory itself; nil where there is none.
  package var planned: Int?
  /// Bytes that open scenes ask for.
  package var held = 0

  package init() {}

  /// Bytes that are kept.
  package var bytes: Int { planned ?? max(Self.standard, min(held, Self.most)) }
}

/// A share of GDAL's cache of decoded blocks for a scene whose blocks take long to decode: as long as this
/// object lives, what its rows touch stays there until the next rows need it.
package final class BlockCacheShare: Sendable {
  private let bytes: Int

  /// Asks for `bytes`.
  package init(_ bytes: Int) {
    self.bytes = bytes
    GDALLibrary.changeBlockCache { $0.held += bytes }
  }

  deinit { GDALLibrary.changeBlockCache { [bytes] in $0.held -= bytes } }
}
