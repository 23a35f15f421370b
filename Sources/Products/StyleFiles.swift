import Foundation
import Host
import Rasters

/// The style files that lie beside a raster or a vector file of a product.
package enum StyleFiles: String, CaseIterable, Sendable {
  /// QGIS's own, which QGIS takes by itself.
  case qml
  /// Styled Layer Descriptor, which GeoServer and others read.
  case sld
  /// One of each.
  case both
  /// No style file lies beside a map.
  case none

  /// Whether there is a file for QGIS.
  package var hasQML: Bool { self == .qml || self == .both }
  /// Whether there is a Styled Layer Descriptor.
  package var hasSLD: Bool { self == .sld || self == .both }

  /// What a style shows.
  package enum Style {
    /// A raster of classes.
    case classes(Legend)
    /// A raster of measured values, by its first band.
    case values(ColorRamp)
    /// Polygons with the names of their classes in a field.
    case polygons(Legend, field: String)
  }

  /// Writes the styles of a file beside it, under its name.
  ///
  /// - Throws: `SystemError` where one cannot be written.
  package func write(_ style: Style, beside path: String) throws {
    let name = URL(fileURLWithPath: path).deletingPathExtension()
    if hasQML { try Self.write(QGISStyle.text(for: style), to: name.appendingPathExtension("qml")) }
    if hasSLD {
      try Self.write(
        SLDStyle.text(for: style, layer: name.lastPathComponent), to: name.appendingPathExtension("sld"))
    }
  }

  private static func write(_ text: String, to url: URL) throws {
    try RegularFile.write(Data(text.utf8), to: url.path)
  }
}

extension QGISStyle {
  /// Returns the text of the `.qml` file of a style.
  package static func text(for style: StyleFiles.Style) -> String {
    switch style {
    case .classes(let legend): text(for: legend)
    case .values(let ramp): text(for: ramp)
    case .polygons(let legend, let field): text(for: legend, field: field)
    }
  }
}
