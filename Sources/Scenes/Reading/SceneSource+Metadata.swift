import Rasters

/// The files of a product's directory that say more of the scene than its rasters do.
extension SceneSource {
  /// The metadata file of a Sentinel-2 product's directory; nil where there is none.
  var sentinel2Metadata: String? {
    guard isDirectory else { return nil }
    return ["MTD_MSIL2A.xml", "MTD_MSIL1C.xml"].map { path + "/" + $0 }.first(where: InputPath.isThere)
  }

  /// The metadata file of a Landsat product's directory; nil where there is none, or only a link that leaves
  /// the directory, or no regular file.
  ///
  /// - Throws: `notFound` or `inputOutput` where the directory cannot be listed.
  var landsatMetadata: String? {
    get throws(RasterError) {
      guard isDirectory else { return nil }
      return try InputPath.names(in: path).filter { $0.hasSuffix("_MTL.txt") || $0 == "MTL.txt" }
        .map { path + "/" + $0 }.first { (try? InputPath.checkCompanion($0, to: "find the day")) != nil }
    }
  }

  /// All of them, which a key must cover.
  ///
  /// - Throws: as ``landsatMetadata``.
  var metadataFiles: [String] {
    get throws(RasterError) { [sentinel2Metadata, try landsatMetadata].compactMap(\.self) }
  }
}
