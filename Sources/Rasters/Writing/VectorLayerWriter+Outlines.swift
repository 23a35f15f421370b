import CGDAL

extension VectorLayerWriter {
  /// Writes the outlines of a raster's patches of equal value, which goes into the first field, to a layer
  /// without features; no data has none.
  ///
  /// - Throws: `diskFull` or `inputOutput` naming the path, also where it was cancelled.
  func addOutlines(of raster: Dataset, isCancelled: @escaping () -> Bool) throws(RasterError) {
    let asked = CancellationQuestion(isCancelled)
    try GDALErrors.attempt("outline the classes", path: path, code: .inputOutput, strict: true) {
      withExtendedLifetime(asked) {
        GDALPolygonize(
          raster.band(1), GDALGetMaskBand(raster.band(1)), layer, 0, nil, CancellationQuestion.progress,
          Unmanaged.passUnretained(asked).toOpaque()) == CE_None ? () : nil
      }
    }
    count = Int(OGR_L_GetFeatureCount(layer, 1))
  }
}

/// The question whether to go on, as GDAL asks it.
private final class CancellationQuestion {
  private let isCancelled: () -> Bool

  init(_ isCancelled: @escaping () -> Bool) { self.isCancelled = isCancelled }

  /// GDAL's function of progress: 0 ends the work.
  static let progress: GDALProgressFunc = { _, _, context in
    guard let context else { return 1 }
    return Unmanaged<CancellationQuestion>.fromOpaque(context).takeUnretainedValue().isCancelled() ? 0 : 1
  }
}
