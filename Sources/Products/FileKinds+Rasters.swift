import Rasters
import Runs

extension FileKinds {
  /// The kinds of rasters, whose headers say how large they are, and class maps, beside which GDAL keeps
  /// names of classes and other programs their statistics.
  public static let rasters = FileKinds(
    declaredBytes: { try? RasterFile(path: $0).declaredBytes },
    sideCar: { $0.hasSuffix(".tif") ? CloudOptimizedGeoTIFF.categoryFile(of: $0) : nil },
    original: { text, path in
      path.hasSuffix(CloudOptimizedGeoTIFF.categoryFile(of: "")) ? CategoryFile.original(of: text) : nil
    })
}
