extension Labels {
  /// Checks a file of labels without a scene to lay it on: whether it has the layer and the field, or one
  /// band.
  ///
  /// - Throws: `badField` listing the fields or layers there are; `unsupported`; what opening a file throws.
  public static func checkHeader(_ source: LabelSource) throws(RasterError) {
    guard !source.isVector else {
      _ = try VectorFile(path: source.path).layer(named: source.layer).field(named: source.field)
      return
    }
    let count = try RasterFile(path: source.path).measuredBands.count
    guard count != 1 else { return }
    throw RasterError(
      .unsupported, "read the labels", path: source.path, cause: "\(count) bands where labels have one")
  }
}
