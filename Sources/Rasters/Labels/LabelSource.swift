import Foundation

/// The place of labels on disk: a file, and the layer and field in it.
public struct LabelSource: Sendable, Hashable {
  /// A raster or vector file.
  public let path: String
  /// The attribute of a vector file that holds the class.
  public let field: String?
  /// The layer of a vector file that has several.
  public let layer: String?

  /// Creates a source; nothing is opened.
  public init(path: String, field: String? = nil, layer: String? = nil) {
    self.path = path
    self.field = field
    self.layer = layer
  }

  /// Whether the name is that of a vector file.
  public var isVector: Bool {
    InputPath.vectorExtensions.contains(URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  /// Returns the reason why a file of a vector format that is not read cannot be labels, by its name alone;
  /// nil for any other name.
  public static func foreignFormat(ofName name: String) -> String? {
    let kind = URL(fileURLWithPath: name).pathExtension.lowercased()
    return foreign.contains(kind) ? "a '.\(kind)' file is none of them: \(formats)" : nil
  }

  /// The sentence that names the formats of labels, and tells how to convert others.
  static let formats =
    "labels are GeoPackage, GeoJSON or Shapefile (.gpkg, .geojson, .json, .shp), or a raster of class values; "
    + "'ogr2ogr labels.gpkg FILE' converts"

  private static let foreign: Set<String> = [
    "fgb", "kml", "kmz", "geojsonl", "geojsons", "geojsonseq", "ndjson", "jsonl", "csv", "tsv", "zip", "shz",
    "gml", "gpx", "parquet", "geoparquet", "arrow", "feather", "tab", "mif", "mid", "dxf", "dwg", "dgn",
    "sqlite", "db", "gdb", "mdb", "topojson", "dbf", "shx", "osm", "pbf", "xlsx", "wkt", "svg", "pmtiles",
    "mbtiles",
  ]
}
