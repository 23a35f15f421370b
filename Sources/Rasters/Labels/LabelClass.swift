import Foundation

/// A class that pixels can belong to: its value in label files and maps, and its name.
public struct LabelClass: Sendable, Hashable {
  /// The value in rasters and in numeric fields; 0 is a class like any other if it is listed.
  public let value: UInt8
  /// The name, as it may also stand in a text field.
  public let name: String

  /// Creates a class.
  public init(value: UInt8, name: String) {
    self.value = value
    self.name = name
  }
}

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

/// The classes of a task, found by value or by name.
package struct LabelKey {
  package let classes: [LabelClass]
  /// Class index by raster value, 255 where none.
  let indexOfValue: [UInt8]

  /// Creates a key of at most 254 classes, so that 255 stays free; traps on more, which no pipeline file can
  /// ask for.
  package init(_ classes: [LabelClass]) {
    precondition(classes.count < 255, "\(classes.count) classes")
    self.classes = classes
    var indices = [UInt8](repeating: Labels.unlabelled, count: 256)
    for (index, entry) in classes.enumerated().reversed() { indices[Int(entry.value)] = UInt8(index) }
    indexOfValue = indices
  }

  /// Returns the class of a stored number; nil where no class has it, or it is no whole number of 0...255.
  package func index(of value: Double) -> UInt8? {
    guard value >= 0, value <= 255, value == value.rounded() else { return nil }
    let index = indexOfValue[Int(value)]
    return index == Labels.unlabelled ? nil : index
  }

  /// Returns the class of a text: a name whatever its case, or a number written out.
  package func index(of text: String) -> UInt8? {
    let wanted = text.trimmed.lowercased()
    if let place = classes.firstIndex(where: { $0.name.trimmed.lowercased() == wanted }) {
      return UInt8(place)
    }
    return Double(wanted).flatMap { index(of: $0) }
  }
}

extension String {
  /// The text without white space at its ends.
  package var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
